/* Which of the four layers a protocol belongs to: its colour, and what the layer is for. */

const LAYER_OF = {
  eth: "link", arp: "network", ip: "network", icmp: "network", udp: "transport", tcp: "transport",
  dhcp: "application", dns: "application", http: "application", data: "application", padding: "none",
};

const levelOf = name => LAYER_OF[name] || "application";
const titleOf = name => (words.protocols[name] || [name.toUpperCase(), name.toUpperCase()])[languageIndex()];
const purposeOf = name => (words.purposes[name] || ["", ""])[languageIndex()];

/* The layer whose bytes these are. */
function levelAt(layers, at) {
  const layer = layers.find(one => at >= one.at && at < one.at + one.len);
  return layer ? levelOf(layer.name) : "none";
}
