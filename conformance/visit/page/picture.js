/* The network as a picture. Its columns are those of the ladder below, so that a lifeline hangs from each host. */

/* Hosts from left to right: the way from the client to the web server, branches right after the host they hang on. */
const columns = orderHosts();
const columnOf = new Map(columns.map((host, i) => [host, i]));
const mainPath = new Set(pathBetween(roleIndex("client"), roleIndex("web")));

function roleIndex(role) { return Math.max(0, story.hosts.findIndex(host => host.role === role)); }

function neighbours(host) {
  return story.links.filter(link => link.hosts.includes(host)).map(link => link.hosts[0] === host ? link.hosts[1] : link.hosts[0]);
}

function pathBetween(from, to) {
  const before = new Map([[from, from]]), queue = [from];
  for (const host of queue)
    for (const next of neighbours(host)) if (!before.has(next)) { before.set(next, host); queue.push(next); }
  if (!before.has(to)) return [from];
  const path = [to];
  while (path[0] !== from) path.unshift(before.get(path[0]));
  return path;
}

function orderHosts() {
  const main = pathBetween(roleIndex("client"), roleIndex("web")), order = [];
  const enter = host => {
    order.push(host);
    for (const next of neighbours(host)) if (!order.includes(next) && !main.includes(next)) enter(next);
  };
  main.forEach(enter);
  story.hosts.forEach((host, i) => { if (!order.includes(i)) order.push(i); });
  return order;
}

const ICONS = {
  client: "M-13 -10h26v17h-26z M-18 11h36l-3 -4h-30z",
  gateway: "M-16 0h32v11h-32z M-9 0v-11 M9 0v-11 M-9 5.5h1 M-3 5.5h1 M3 5.5h8",
  router: "M-16 -7c0 -6 32 -6 32 0v14c0 6 -32 6 -32 0z M-16 -7c0 6 32 6 32 0 M-8 3h7l-3 -3m3 3l-3 3 M8 3h-5",
  dns: "M-12 -13h21a3 3 0 0 1 3 3v23h-21a3 3 0 0 1 -3 -3z M-12 9a3 3 0 0 1 3 -3h21 M-5 -7h10 M-5 -2h10",
  web: "M-13 -13h26v8h-26z M-13 -4h26v8h-26z M-13 5h26v8h-26z M-9 -9h1 M-9 0h1 M-9 9h1",
};

const shape = {width: 0, left: 0, x: [], y: [], narrow: false};

/* The addresses a host shows; one that comes by DHCP is shown from the first packet on that carries it. */
function addressesOf(index) {
  return story.hosts[index].ifaces.map(iface => ({text: iface.address || leased(index), link: iface.link, outside: iface.outside}));
}

function leased(index) {
  if (story.leasedAt === undefined) story.leasedAt = new Map();
  if (!story.leasedAt.has(index))
    story.leasedAt.set(index, story.packets.find(packet => packet.from === index && !["0.0.0.0", undefined].includes(valueOf(packet, "ip.src") || valueOf(packet, "arp.src.proto_ipv4"))));
  const packet = story.leasedAt.get(index);
  return packet && state.cursor >= packet.number ? valueOf(packet, "ip.src") || valueOf(packet, "arp.src.proto_ipv4") : null;
}

function place(width, left, x) {
  const step = x.length > 1 ? x[1] - x[0] : width;
  shape.width = width;
  shape.left = left;
  shape.x = x;
  shape.narrow = plan.narrow;
  shape.tight = step < 96; /* too little room for addresses under the hosts */
  const base = shape.narrow ? 44 : 64;
  shape.y = columns.map(host => mainPath.has(host) ? base : base + (shape.narrow ? 32 : 40));
  shape.height = shape.narrow ? 148 : shape.tight ? 184 : 206;
}

const at = host => ({x: shape.x[columnOf.get(host)], y: shape.y[columnOf.get(host)]});

/* A point so far from `a` on the way to `b`: links and packets stop short of the hosts. */
function towards(a, b, far) {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1, part = Math.min(0.45, far * (shape.narrow ? 0.62 : 1) / length);
  return {x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part};
}

function drawLink(link, i) {
  const a = at(link.hosts[0]), b = at(link.hosts[1]), current = packetOf(state.cursor);
  const use = !current || !hopsOf(current).some(hop => hop.link === i) ? "" : current.link === i ? " here" : " used";
  const named = !shape.tight && a.y === b.y, x = (a.x + b.x) / 2;
  const from = towards(a, b, 24), to = towards(b, a, 24);
  return draw("g", {class: "wire" + use}, draw("title", {}, link.name + ", " + duration(link.delay)), draw("line", {x1: from.x, y1: from.y, x2: to.x, y2: to.y}),
    named && draw("text", {x, y: a.y - 9, class: "link-name"}, link.name), named && draw("text", {x, y: a.y + 18, class: "link-name"}, duration(link.delay)));
}

function drawHost(index) {
  const host = story.hosts[index], {x, y} = at(index), small = shape.narrow ? 0.7 : shape.tight ? 0.85 : 1;
  const lines = shape.tight ? [] : addressesOf(index);
  return draw("g", {class: "host role-" + host.role, transform: `translate(${x} ${y})`},
    draw("title", {}, host.name + ", " + words.roles[host.role][languageIndex()]),
    draw("path", {d: ICONS[host.role] || ICONS.router, transform: `scale(${small})`}),
    draw("text", {y: 22 * small + 14, class: "host-name"}, host.name),
    lines.map((line, i) => draw("text", {y: 22 + 29 + 14 * i, class: "address" + (line.text ? "" : " none")}, line.text || say("noAddress"))));
}

/* The column of the host that exchanges addresses; -1: there is none. */
function borderColumn() {
  const gateway = story.hosts.findIndex(host => host.ifaces.some(iface => iface.outside));
  return gateway < 0 ? -1 : columnOf.get(gateway);
}

/* The home network's ground, and the line through the gateway where addresses are exchanged. */
function drawZones() {
  const border = borderColumn();
  if (border < 0) return null;
  const x = shape.x[border];
  return draw("g", {class: "zones"},
    draw("rect", {x: shape.left, y: 0, width: x - shape.left, height: shape.height, class: "zone-private"}),
    draw("line", {x1: x, x2: x, y1: 0, y2: shape.height, class: "border"}),
    draw("text", {x: x - 8, y: 15, class: "zone-name end"}, say(shape.tight ? "homeShort" : "home")),
    draw("text", {x: x + 8, y: 15, class: "zone-name"}, say(shape.tight ? "internetShort" : "internet")));
}

/* The addresses on the packet under the cursor, written under its link. */
function drawTag(packet) {
  const a = at(packet.from), b = at(packet.to), ends = endsOf(packet), found = translationOf(packet);
  const middle = (a.x + b.x) / 2, wide = 7.4 * Math.max(ends.source.length + 2, ends.target.length + 2) + 16;
  const left = Math.max(shape.left + 4, Math.min(shape.width - wide - 4, middle - wide / 2)), top = shape.height - 43;
  return draw("g", {class: "tag"},
    Math.abs(columnOf.get(packet.from) - columnOf.get(packet.to)) === 1 && draw("path", {d: `M${middle} ${(a.y + b.y) / 2 + 3}V${top}`, class: "pin"}),
    draw("rect", {x: left, y: top, width: wide, height: 38, rx: 6}),
    found && draw("rect", {x: left + 4, y: top + (found.part === "source" ? 4 : 19), width: wide - 8, height: 15.5, class: "exchanged"}),
    draw("text", {x: left + 8, y: top + 16, class: found && found.part === "source" ? "exchanged" : ""}, "  " + ends.source),
    draw("text", {x: left + 8, y: top + 31, class: found && found.part === "target" ? "exchanged" : ""}, "→ " + ends.target));
}

/* A packet as an envelope in envelopes, one rectangle a layer. */
function drawPacket(packet) {
  const layers = layersOf(packet).filter(layer => layer.name !== "padding");
  return draw("g", {class: "moving"}, layers.map((layer, i) => {
    const small = shape.narrow ? 0.72 : 1, w = (26 - 6 * i) * small, h = (20 - 4.4 * i) * small;
    return draw("rect", {x: -w / 2, y: -h / 2, width: Math.max(w, 4), height: Math.max(h, 3), rx: 2.5, class: "level-" + levelOf(layer.name)});
  }));
}

/* Where the packet goes in the picture: over its link, or over all of them when hops are not told one by one. */
function stations(packet) {
  const hops = state.every ? [packet] : hopsOf(packet), last = hops[hops.length - 1];
  const points = [towards(at(hops[0].from), at(hops[0].to), 34), ...hops.map((hop, i) => i + 1 < hops.length ? at(hop.to) : towards(at(hop.to), at(hop.from), 36))];
  if (lost(last)) {
    const [a, b] = points.slice(-2);
    points[points.length - 1] = {x: a.x + (b.x - a.x) * 0.55, y: a.y + (b.y - a.y) * 0.55};
  }
  return points;
}

function movePacket(layer, packet) {
  const points = stations(packet), end = points[points.length - 1], dot = drawPacket(packet);
  dot.style.transform = `translate(${end.x}px, ${end.y}px)`;
  layer.append(dot);
  if (lost(packet) || !state.every && hopsOf(packet).some(lost)) layer.append(draw("path", {d: "M-9 -9L9 9M9 -9L-9 9", class: "cross", transform: `translate(${end.x} ${end.y})`}));
  if (moving() && dot.animate)
    dot.animate(points.map(point => ({transform: `translate(${point.x}px, ${point.y}px)`})), {duration: (350 + 300 * (points.length - 1)) / state.speed, easing: "ease-in-out"});
}

/* What happens now, beside the picture: the act and the clock. */
function nowCard(packet) {
  const act = packet && story.acts[packet.act];
  if (!act || shape.narrow) return null;
  return make("div", {class: "now-card", style: {width: shape.left + "px"}},
    make("p", {class: "dim"}, say("actOf", packet.act + 1, story.acts.length), " · ", say("clock", clock(packet.sent - start))),
    make("h2", {}, phrase(act.title)), make("p", {class: "act-about"}, aboutOf(act)), steps());
}

function renderPicture() {
  const packet = packetOf(state.cursor), overlay = draw("g", {});
  const names = columns.map(host => story.hosts[host].name).join(", ");
  const svg = draw("svg", {width: shape.width, height: shape.height, viewBox: `0 0 ${shape.width} ${shape.height}`, role: "img", "aria-label": say("pictureOf", names)},
    drawZones(), packet && drawTag(packet), story.links.map(drawLink), columns.map(drawHost), overlay);
  byId("picture").replaceChildren(svg, ...[nowCard(packet)].filter(Boolean));
  if (packet) movePacket(overlay, packet);
}
