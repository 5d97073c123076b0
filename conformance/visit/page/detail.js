/* The packet unfolded: its hops, before and after the NAT, envelopes within envelopes with their fields, and the bytes.
 * Fields and bytes mark each other. */

const unfolded = new Map(); /* name of a layer -> whether the reader wants its fields; else those of the innermost are shown */
const LONG = 512;           /* bytes shown at once */

function renderDetail() {
  const detail = byId("detail"), packet = packetOf(state.cursor);
  detail.hidden = !state.open || !packet;
  document.body.classList.toggle("unfolded", !detail.hidden);
  if (detail.hidden) return detail.replaceChildren();
  const changed = rewritten(packet);
  detail.replaceChildren(
    make("div", {class: "detail-scroll"}, heading(packet), hopTabs(packet), translation(packet),
      make("h3", {}, say("envelopes"), overhead(packet), " ", make("button", {type: "button", class: "small", onclick: () => unfoldAll(packet)}, say("allFields"))),
      envelopes(packet, changed)),
    dump(packet, changed));
}

function heading(packet) {
  const link = story.links[packet.link], error = textOf(packet.error);
  return make("div", {class: "detail-head"},
    make("button", {type: "button", class: "close", "aria-label": say("close"), onclick: fold}, "✕"),
    make("p", {class: "dim"}, say("number", packet.number, story.packets.length), " · ", say("onLink", story.hosts[packet.from].name, story.hosts[packet.to].name, link.name), " · ", clock(packet.sent - start)),
    make("h2", {}, said(packet.line)),
    make("p", {class: "why"}, said(packet.why)),
    packet.repeats ? make("p", {class: "dim"}, "↻ " + say("repeats", packet.repeats)) : null,
    error && make("p", {class: "finding"}, say("malformed", error)),
    findingsOf(packet).map(finding => findingBox(finding)));
}

function hopTabs(packet) {
  const hops = hopsOf(packet);
  if (hops.length < 2) return null;
  const tab = hop => make("button", {type: "button", class: "hop" + (hop === packet ? " here" : ""), "aria-pressed": String(hop === packet), onclick: () => choose(hop.number)},
    story.links[hop.link].name, lost(hop) && " ✕");
  return make("div", {class: "hops", role: "group", "aria-label": say("hops")}, hops.map((hop, i) => [i > 0 && make("span", {class: "hop-arrow", "aria-hidden": "true"}, "›"), tab(hop)]));
}

/* Addresses and ports on both sides of the gateway; what was exchanged stands out. */
function translation(packet) {
  const found = translationOf(packet);
  if (!found) return null;
  const inside = endsOf(found.inside), outside = endsOf(found.outside);
  const row = (name, part) => make("tr", {class: part === found.part ? "exchanged" : ""}, make("th", {scope: "row"}, say(name)), make("td", {}, breakable(inside[part])), make("td", {class: "sign", "aria-hidden": "true"}, inside[part] === outside[part] ? "=" : found.outward ? "→" : "←"), make("td", {}, breakable(outside[part])));
  return make("table", {class: "nat"}, make("caption", {}, say("nat")),
    make("thead", {}, make("tr", {}, make("td", {}), make("th", {scope: "col"}, say("inside")), make("td", {}), make("th", {scope: "col"}, say("outside")))),
    make("tbody", {}, row("from", "source"), row("to", "target")));
}

/* An address may go on with its port on the next line. */
function breakable(text) {
  const colon = text.lastIndexOf(":");
  return colon < 0 ? text : [text.slice(0, colon), make("wbr"), text.slice(colon)];
}

function overhead(packet) {
  const layers = layersOf(packet), all = bytesOf(packet).length;
  const inner = layers.filter(layer => levelOf(layer.name) === "application").reduce((sum, layer) => sum + layer.len, 0);
  const pair = state.lang === "ko" ? [count(all), count(all - inner)] : [count(all - inner), count(all)];
  return make("span", {class: "dim"}, " " + say("overhead", ...pair));
}

/* ---- fields ---- */

function summaryOf(layer, fields) {
  const value = name => (fields.find(field => field.name === name && field.layer === layer.index) || {}).value;
  const summaries = {
    eth: () => `${value("eth.src")} → ${value("eth.dst")}`,
    ip: () => `${value("ip.src")} → ${value("ip.dst")}`,
    arp: () => `${value("arp.src.proto_ipv4")} → ${value("arp.dst.proto_ipv4")}`,
    dns: () => value("dns.qry.name"),
    dhcp: () => meaningOf({name: "dhcp.option.dhcp", value: value("dhcp.option.dhcp")}),
    http: () => [value("http.request.method"), value("http.request.uri"), value("http.response.code"), value("http.response.phrase")].filter(Boolean).join(" "),
    udp: () => `${value("udp.srcport")} → ${value("udp.dstport")}`,
    tcp: () => `${value("tcp.srcport")} → ${value("tcp.dstport")} ${meaningOf({name: "tcp.flags", value: value("tcp.flags")})}`,
  };
  return (summaries[layer.name] ? summaries[layer.name]() : "") || "";
}

const isOpen = (layer, packet) => unfolded.has(layer.name) ? unfolded.get(layer.name) : layer.name === protocolOf(packet);

/* Nested boxes, outermost first: what each layer added around the one above it. */
function envelopes(packet, changed) {
  const fields = fieldsOf(packet), layers = layersOf(packet).filter(layer => layer.name !== "padding");
  const box = i => i >= layers.length ? null : make("div", {class: "envelope level-" + levelOf(layers[i].name), role: "none"},
    layerNode(packet, layers[i], i + 1, fields.filter(field => field.layer === layers[i].index), changed), box(i + 1));
  const tree = make("div", {class: "tree", role: "tree", "aria-label": say("envelopes"), onkeydown: treeKeys}, box(0));
  const first = tree.querySelector("[role=treeitem]");
  if (first) first.tabIndex = 0;
  return tree;
}

function layerNode(packet, layer, level, own, changed) {
  const open = own.length > 0 && isOpen(layer, packet);
  const head = make("div", {class: "layer-head", role: "treeitem", "aria-level": level, "aria-expanded": own.length ? String(open) : undefined, tabindex: -1,
    "data-at": layer.at, "data-len": layer.len, "data-layer": layer.name, onclick: () => toggleLayer(layer.name)},
    make("span", {class: "twist", "aria-hidden": "true"}, own.length ? open ? "▾" : "▸" : ""),
    make("strong", {}, titleOf(layer.name)), make("span", {class: "layer-size"}, say("bytes", count(layer.len))),
    make("span", {class: "layer-sum"}, summaryOf(layer, own)), make("span", {class: "purpose"}, purposeOf(layer.name)));
  watch(head);
  return [head, open ? make("div", {class: "fields", role: "none"}, own.map(field => fieldNode(field, own, level + 1, changed))) : changes(own, changed)];
}

/* What a hop rewrote in a layer whose fields are not shown. */
function changes(own, changed) {
  const list = own.filter(field => changed.has(field.index) && field.len > 0 && !field.name.includes("checksum") && field.value !== null);
  return list.length === 0 ? null : make("ul", {class: "changes"}, list.map(field => make("li", {}, "✎ " + labelOf(field.name) + " ", make("s", {}, changed.get(field.index)), " → ", make("b", {}, field.value))));
}

function fieldNode(field, own, level, changed) {
  const meaning = meaningOf(field), was = changed.get(field.index);
  const value = field.value === null ? say("bytes", count(field.len)) : field.value;
  const node = make("div", {class: "field" + (was !== undefined ? " changed" : "") + (field.len ? "" : " computed"), role: "treeitem", "aria-level": level, tabindex: -1, id: "f" + field.index,
    "data-at": field.at, "data-len": field.len, "data-name": field.name, style: {"--depth": depthOf(field, own)}},
    make("span", {class: "label"}, labelOf(field.name)),
    make("span", {class: "value"}, value, meaning && make("em", {}, " " + meaning), was !== undefined && make("span", {class: "was"}, say("was", was))));
  watch(node);
  return node;
}

function watch(node) {
  node.addEventListener("mouseenter", () => markField(node));
  node.addEventListener("focus", () => markField(node));
}

function toggleLayer(name) {
  const packet = packetOf(state.cursor), focused = document.activeElement && document.activeElement.dataset.layer === name;
  unfolded.set(name, !isOpen({name}, packet));
  renderDetail();
  if (focused) focusItem(byId("detail").querySelector(`[data-layer="${name}"]`));
}

/* Opens every layer, or closes all when they are open. */
function unfoldAll(packet) {
  const names = layersOf(packet).filter(layer => layer.index >= 0).map(layer => layer.name), all = names.every(name => isOpen({name}, packet));
  for (const name of Object.keys(LAYER_OF)) unfolded.set(name, !all);
  renderDetail();
}

function focusItem(node) {
  if (!node) return;
  for (const item of byId("detail").querySelectorAll("[role=treeitem]")) item.tabIndex = -1;
  node.tabIndex = 0;
  node.focus({preventScroll: true});
  node.scrollIntoView({block: "nearest"});
}

function treeKeys(event) {
  const items = [...event.currentTarget.querySelectorAll("[role=treeitem]")], here = items.indexOf(document.activeElement);
  if (here < 0) return;
  const item = items[here], layer = item.dataset.layer, open = item.getAttribute("aria-expanded");
  const to = {ArrowDown: items[here + 1], ArrowUp: items[here - 1], Home: items[0], End: items[items.length - 1]}[event.key];
  if (to) focusItem(to);
  else if (layer && ["Enter", " "].includes(event.key) || event.key === "ArrowLeft" && open === "true" || event.key === "ArrowRight" && open === "false") toggleLayer(layer);
  else if (event.key === "ArrowLeft" && !layer) focusItem(items.slice(0, here).reverse().find(one => one.dataset.layer));
  else if (!["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
}

/* ---- bytes ---- */

function dump(packet, changed) {
  const bytes = bytesOf(packet), per = perLine();
  const end = Math.min(bytes.length, state.allBytes === packet.number ? bytes.length : LONG);
  const layers = layersOf(packet), rewritten = new Set();
  for (const field of fieldsOf(packet)) if (changed.has(field.index)) for (let i = 0; i < field.len; i++) rewritten.add(field.at + i);
  const grid = make("div", {class: "hex", role: "group", tabindex: 0, "aria-label": say("hex"), onkeydown: hexKeys});
  for (let at = 0; at < end; at += per) grid.append(dumpLine(bytes, at, Math.min(at + per, end), per, layers, rewritten));
  grid.addEventListener("mouseover", event => { if (event.target.dataset.at !== undefined) markByte(Number(event.target.dataset.at)); });
  grid.addEventListener("click", event => { if (event.target.dataset.at !== undefined) focusItem(fieldAt(Number(event.target.dataset.at))); });
  return make("div", {class: "dump"}, make("p", {class: "marked", id: "marked", "aria-live": "polite"}, say("hex")), grid,
    end < bytes.length && make("button", {type: "button", class: "small", onclick: () => { state.allBytes = packet.number; renderDetail(); }}, say("allBytes", count(bytes.length))));
}

const perLine = () => window.innerWidth < 700 ? 8 : 16; /* bytes */
const hex = (number, digits) => number.toString(16).padStart(digits, "0");

function dumpLine(bytes, from, to, per, layers, rewritten) {
  const cells = [], signs = [];
  for (let at = from; at < to; at++) {
    const kind = "level-" + levelAt(layers, at) + (rewritten.has(at) ? " changed" : "");
    cells.push(make("b", {class: kind, "data-at": at}, hex(bytes[at], 2)));
    signs.push(make("i", {class: kind, "data-at": at}, bytes[at] > 32 && bytes[at] < 127 ? String.fromCharCode(bytes[at]) : "·"));
  }
  return make("div", {class: "hex-line", style: {"--per": per}}, make("span", {class: "offset"}, hex(from, 4)), make("span", {class: "cells"}, cells), make("span", {class: "signs"}, signs));
}

/* The narrowest field that holds this byte, or its layer. */
function fieldAt(at) {
  let best = null;
  for (const node of byId("detail").querySelectorAll(".tree [data-len]")) {
    const from = Number(node.dataset.at), len = Number(node.dataset.len);
    if (len > 0 && at >= from && at < from + len && (!best || len <= Number(best.dataset.len))) best = node;
  }
  return best;
}

function markField(node) {
  markRange(node, Number(node.dataset.at), Number(node.dataset.len));
  const first = byId("detail").querySelector(".hex .on");
  if (first) scrollWithin(byId("detail").querySelector(".hex"), first);
}

function markByte(at) {
  const node = fieldAt(at);
  state.byte = at;
  if (!node) return;
  markRange(node, Number(node.dataset.at), Number(node.dataset.len));
  scrollWithin(byId("detail").querySelector(".detail-scroll"), node);
}

function markRange(node, from, len) {
  for (const one of byId("detail").querySelectorAll(".on")) one.classList.remove("on");
  node.classList.add("on");
  for (const one of byId("detail").querySelectorAll(".hex [data-at]")) {
    const at = Number(one.dataset.at);
    one.classList.toggle("on", at >= from && at < from + len);
  }
  byId("marked").replaceChildren(...describe(node, from, len));
}

function describe(node, from, len) {
  const name = node.dataset.name, layer = node.dataset.layer;
  const where = len === 0 ? say("nowhere") : len === 1 ? say("atOne", from) : say("at", from, from + len - 1);
  const hint = name ? hintOf(name) : purposeOf(layer);
  return [make("strong", {}, name ? labelOf(name) : titleOf(layer)), " · " + where, name ? make("code", {}, name) : "", hint ? make("span", {class: "hint"}, hint) : ""];
}

function scrollWithin(box, node) {
  const outer = box.getBoundingClientRect(), inner = node.getBoundingClientRect();
  if (inner.top < outer.top + 4) box.scrollTop -= outer.top - inner.top + 24;
  else if (inner.bottom > outer.bottom - 4) box.scrollTop += inner.bottom - outer.bottom + 24;
}

/* The bytes are one stop of the keyboard; arrows move from byte to byte. */
function hexKeys(event) {
  const packet = packetOf(state.cursor), per = perLine();
  const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: per, ArrowUp: -per}[event.key];
  if (!step) return;
  const to = Math.max(0, Math.min(bytesOf(packet).length - 1, (state.byte === undefined ? -1 : state.byte) + step));
  markByte(to);
  for (const one of event.currentTarget.querySelectorAll(".cursor")) one.classList.remove("cursor");
  const cell = event.currentTarget.querySelector(`b[data-at="${to}"]`);
  if (cell) { cell.classList.add("cursor"); scrollWithin(event.currentTarget, cell); }
  event.preventDefault();
  event.stopPropagation();
}
