/* The story as embedded: packets decoded when they are looked at, and what follows from them. */

const story = JSON.parse(byIdText("story"));

function byIdText(id) { return document.getElementById(id).textContent; }

story.packets.forEach((packet, i) => { packet.number = i + 1; });

const packetOf = number => story.packets[number - 1];
const textOf = index => index < 0 ? "" : story.texts[index];
const said = pair => textOf(pair[state.lang === "ko" ? 1 : 0]) || textOf(pair[0]);
const phrase = pair => pair[state.lang === "ko" ? 1 : 0] || pair[0] || "";

function fromBase64(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/* A forwarded packet is stored as what differs from the hop before. */
function bytesOf(packet) {
  if (packet.decoded) return packet.decoded;
  if (packet.bytes !== undefined) return packet.decoded = fromBase64(packet.bytes);
  const bytes = bytesOf(packetOf(packet.base)).slice();
  for (let i = 0; i < packet.patch.length; i += 2) bytes.set(fromBase64(packet.patch[i + 1]), packet.patch[i]);
  return packet.decoded = bytes;
}

function flatLayers(packet) { return packet.layers || flatLayers(packetOf(packet.base)); }

function flatFields(packet) {
  if (packet.fields) return packet.fields;
  const fields = flatFields(packetOf(packet.base)).slice();
  for (let i = 0; i < packet.changed.length; i += 2) fields[packet.changed[i] * 5 + 4] = packet.changed[i + 1];
  return packet.fields = fields;
}

function fieldsOf(packet) {
  const flat = flatFields(packet), fields = [];
  for (let i = 0; i < flat.length; i += 5)
    fields.push({index: i / 5, name: textOf(flat[i]), layer: flat[i + 1], at: flat[i + 2], len: flat[i + 3], value: flat[i + 4] < 0 ? null : textOf(flat[i + 4])});
  return fields;
}

/* Where the datagram ends: what comes after is padding of the link. */
function innerEnd(packet, layers) {
  const ip = layers.find(layer => layer.name === "ip");
  const all = bytesOf(packet).length;
  if (ip) return Math.min(all, ip.at + Number(valueOf(packet, "ip.len") || all));
  const arp = layers.find(layer => layer.name === "arp");
  return arp ? arp.at + arp.len : all;
}

/* The layers from the outside in, each with what it carries; what nobody took apart is "data", the rest "padding". */
function layersOf(packet) {
  if (packet.nested) return packet.nested;
  const flat = flatLayers(packet), layers = [];
  for (let i = 0; i < flat.length; i += 3) layers.push({index: i / 3, name: textOf(flat[i]), at: flat[i + 1], len: flat[i + 2]});
  layers.forEach((layer, i) => { if (i + 1 < layers.length && layers[i + 1].at > layer.at) layer.len = layers[i + 1].at - layer.at; });
  const last = layers[layers.length - 1];
  const from = last ? last.at + last.len : 0, end = innerEnd(packet, layers), all = bytesOf(packet).length;
  if (end > from) layers.push({index: -1, name: "data", at: from, len: end - from});
  if (all > Math.max(end, from)) layers.push({index: -1, name: "padding", at: Math.max(end, from), len: all - Math.max(end, from)});
  return packet.nested = layers;
}

function valueOf(packet, name) {
  const flat = flatFields(packet);
  for (let i = 0; i < flat.length; i += 5)
    if (story.texts[flat[i]] === name) return flat[i + 4] < 0 ? null : textOf(flat[i + 4]);
  return undefined;
}

/* The name of the innermost protocol. */
function protocolOf(packet) {
  if (!packet.protocol) {
    const names = layersOf(packet).filter(layer => layer.index >= 0).map(layer => layer.name);
    packet.protocol = names.length ? names[names.length - 1] : "eth";
  }
  return packet.protocol;
}

/* Who talks to whom, in the words of the innermost layers that say so. */
function endsOf(packet) {
  const transport = valueOf(packet, "tcp.srcport") !== undefined ? "tcp" : "udp";
  const ends = {
    from: valueOf(packet, "ip.src") || valueOf(packet, "arp.src.proto_ipv4") || valueOf(packet, "eth.src") || "",
    to: valueOf(packet, "ip.dst") || valueOf(packet, "arp.dst.proto_ipv4") || valueOf(packet, "eth.dst") || "",
    fromPort: valueOf(packet, transport + ".srcport"), toPort: valueOf(packet, transport + ".dstport"),
  };
  ends.source = ends.fromPort === undefined ? ends.from : ends.from + ":" + ends.fromPort;
  ends.target = ends.toPort === undefined ? ends.to : ends.to + ":" + ends.toPort;
  return ends;
}

/* ---- trips: one packet over all its links ---- */

const trips = new Map(); /* number of the first hop -> its hops */
for (const packet of story.packets) {
  packet.trip = packet.same ? packetOf(packet.same).trip : packet.number;
  if (!trips.has(packet.trip)) trips.set(packet.trip, []);
  const hops = trips.get(packet.trip);
  packet.hop = hops.length;
  hops.push(packet);
}
const hopsOf = packet => trips.get(packet.trip);
const lost = packet => packet.arrived === null;

/* The hops on both sides of the NAT, when an address or port was exchanged there. */
function translationOf(packet) {
  const hops = hopsOf(packet);
  for (let i = 1; i < hops.length; i++) {
    const before = endsOf(hops[i - 1]), after = endsOf(hops[i]);
    if (before.source === after.source && before.target === after.target) continue;
    const outward = insideLink(hops[i - 1].link);
    return {inside: outward ? hops[i - 1] : hops[i], outside: outward ? hops[i] : hops[i - 1], part: before.source !== after.source ? "source" : "target", outward};
  }
  return null;
}

/* Whether addresses or ports were exchanged right before this hop. */
function translatedHere(packet) {
  if (!packet.same) return false;
  const before = endsOf(packetOf(packet.same)), now = endsOf(packet);
  return before.source !== now.source || before.target !== now.target;
}

/* Whether a link lies behind the NAT. */
function insideLink(link) {
  if (!story.inside) {
    story.inside = new Set();
    for (const host of story.hosts)
      if (host.ifaces.some(iface => iface.outside)) host.ifaces.filter(iface => !iface.outside).forEach(iface => story.inside.add(iface.link));
  }
  return story.inside.has(link);
}

/* Fields of this hop that say something else than on the hop before. */
function rewritten(packet) {
  if (!packet.same) return new Map();
  const before = fieldsOf(packetOf(packet.same)), now = fieldsOf(packet), changed = new Map();
  if (before.length !== now.length) return changed;
  now.forEach((field, i) => { if (field.len > 0 && field.name === before[i].name && field.value !== before[i].value) changed.set(i, before[i].value); });
  return changed;
}

const findingsOf = packet => story.findings.filter(finding => finding.packet === packet.number);

/* ---- notation ---- */

function duration(ns) {
  if (ns === 0) return "0 s";
  const [value, unit] = ns < 1e6 ? [ns / 1e3, "µs"] : ns < 1e9 ? [ns / 1e6, "ms"] : [ns / 1e9, "s"];
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits).replace(/\.0+$/, "") + " " + unit;
}

/* A point in time, always of the same width. */
const clock = ns => (ns / 1e9).toFixed(3) + " s";

const count = number => number.toLocaleString(state.lang === "ko" ? "ko-KR" : "en-US");
const start = story.packets.length ? story.packets[0].sent : 0;
