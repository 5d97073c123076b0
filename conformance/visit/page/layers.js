/* Which of the four layers a protocol belongs to: its colour, and what the layer is for. */

const LAYER_OF = {
  eth: "link", arp: "network", ip: "network", icmp: "network", udp: "transport", tcp: "transport",
  dhcp: "application", dns: "application", http: "application", data: "application", padding: "none",
};

const levelOf = name => LAYER_OF[name] || "application";
const titleOf = name => (words.protocols[name] || [name.toUpperCase(), name.toUpperCase()])[languageIndex()];
const purposeOf = name => (words.purposes[name] || ["", ""])[languageIndex()];

/* "Ethernet" of byte `at` of a packet: the innermost layer whose bytes these are. */
function levelAt(layers, at) {
  const layer = layers.find(one => at >= one.at && at < one.at + one.len);
  return layer ? levelOf(layer.name) : "none";
}

/* Nested boxes, outermost first: what each layer added around the one above it. */
function envelope(packet, changed, pick) {
  const layers = layersOf(packet).filter(layer => layer.name !== "padding");
  const touched = new Set(fieldsOf(packet).filter(field => changed.has(field.index)).map(field => field.layer));
  const box = i => i >= layers.length ? null : make("div", {class: "envelope level-" + levelOf(layers[i].name)},
    make("button", {type: "button", class: "envelope-head", onclick: () => pick(layers[i])},
      make("span", {class: "envelope-name"}, titleOf(layers[i].name)),
      make("span", {class: "envelope-size"}, say("bytes", count(layers[i].len))),
      touched.has(layers[i].index) && make("span", {class: "badge"}, say("rewritten")),
      make("span", {class: "envelope-purpose"}, purposeOf(layers[i].name))),
    box(i + 1));
  return box(0);
}
