/* What the page promises, asked from inside it. check.NAME() returns "" or what is wrong; loaded by the script `browser`. */
window.check = (() => {
  const all = (selector, within) => [...(within || document).querySelectorAll(selector)];
  const one = selector => document.querySelector(selector);
  const story = () => JSON.parse(one("#story").textContent);
  const press = key => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  const position = () => Number(one(".position").textContent.split("/")[0]);
  const visible = node => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";

  /* Every packet by its key, each unfolded: its layers and bytes are all there. */
  function walk() {
    const packets = story().packets, bytes = [];
    press("Home");
    for (let i = 1; i <= packets.length; i++) {
      if (position() !== i) return `key j ${i - 1} times leads to packet ${position()}`;
      if (!one(`#p${i}[aria-selected=true]`)) return `packet ${i} is not marked as selected`;
      const problem = unfolded(packets, i, bytes);
      if (problem) return `packet ${i}: ${problem}`;
      press("j");
    }
    return "";
  }

  function lengthOf(packets, number, bytes) {
    const packet = packets[number - 1];
    bytes[number] = packet.base ? bytes[packet.base] : atob(packet.bytes).length;
    return bytes[number];
  }

  function unfolded(packets, number, bytes) {
    const length = lengthOf(packets, number, bytes), layers = all("[data-layer]"), cells = all(".cells b");
    if (one("#detail").hidden) return "is not unfolded";
    if (layers.length < 2) return `has ${layers.length} layers`;
    let end = 0;
    for (const layer of layers) {
      if (Number(layer.dataset.at) !== end) return `layer ${layer.dataset.layer} begins at ${layer.dataset.at}, not at ${end}`;
      end += Number(layer.dataset.len);
    }
    if (end > length) return `its layers end at ${end} of ${length}`;
    if (cells.length !== Math.min(length, 512)) return `shows ${cells.length} of ${length} bytes`;
    for (const field of all(".field")) if (Number(field.dataset.at) + Number(field.dataset.len) > length) return `field ${field.dataset.name} ends beyond the frame`;
    return told(cells.map(cell => parseInt(cell.textContent, 16)));
  }

  /* What a field says is what its bytes say. */
  function told(bytes) {
    const plain = ["ip.ttl", "ip.len", "ip.proto", "udp.srcport", "udp.dstport", "udp.length", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.window_size_value", "arp.opcode"];
    const dotted = ["ip.src", "ip.dst", "arp.src.proto_ipv4", "arp.dst.proto_ipv4"];
    for (const field of all(".field")) {
      const at = Number(field.dataset.at), own = bytes.slice(at, at + Number(field.dataset.len)), value = field.querySelector(".value").firstChild.data;
      const wanted = plain.includes(field.dataset.name) ? String(own.reduce((sum, byte) => sum * 256 + byte, 0)) : dotted.includes(field.dataset.name) ? own.join(".") : value;
      if (value !== wanted) return `${field.dataset.name} says ${value}, its bytes ${wanted}`;
    }
    return "";
  }

  /* Wherever a packet went through the NAT, both sides are shown, and the private one differs from the public one. */
  function translations() {
    let seen = 0;
    press("Home");
    for (let i = 0; i < story().packets.length; i++, press("j")) {
      const row = one(".nat .exchanged");
      if (!row) continue;
      const [inside, outside] = [...row.querySelectorAll("td:not(.sign)")].map(cell => cell.textContent);
      if (!inside.startsWith("192.168.") || outside.startsWith("192.168.") || inside === outside) return `packet ${position()}: inside ${inside}, outside ${outside}`;
      if (!one(".tag text.exchanged")) return `packet ${position()}: not marked on the picture`;
      seen++;
    }
    return seen >= 8 ? "" : `only ${seen} packets were translated`;
  }

  /* Arrows go down, from host to host, in the order in which they were sent. */
  function arrows() {
    const columns = new Set(all(".life").map(line => line.getAttribute("x1")));
    const lines = all(".arrow .shaft").map(line => ["x1", "y1", "x2", "y2"].map(name => Number(line.getAttribute(name))));
    if (lines.length < 5) return `only ${lines.length} arrows`;
    const wrong = lines.find(([x1, y1, x2, y2]) => y2 <= y1 || x1 === x2 || !columns.has(String(x1)));
    return wrong ? `an arrow from ${wrong.slice(0, 2)} to ${wrong.slice(2)}` : "";
  }

  /* Every field of the packet marks its bytes, and each of these marks a field that holds it. */
  function marks() {
    const fields = all(".field");
    if (fields.length < 4) return `only ${fields.length} fields`;
    for (const field of fields) {
      field.dispatchEvent(new MouseEvent("mouseenter"));
      const from = Number(field.dataset.at), to = from + Number(field.dataset.len);
      const on = all(".cells .on").map(cell => Number(cell.dataset.at));
      if (on.length !== Math.max(0, to - from) || on.some(at => at < from || at >= to)) return `${field.dataset.name} marks bytes ${on}`;
    }
    for (const cell of all(".cells b")) {
      cell.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
      const node = one(".tree .on"), at = Number(cell.dataset.at);
      if (!node || at < Number(node.dataset.at) || at >= Number(node.dataset.at) + Number(node.dataset.len)) return `byte ${at} marks ${node && (node.dataset.name || node.dataset.layer)}`;
    }
    return "";
  }

  /* Nothing is wider than the window, but what scrolls by itself. */
  function overflow() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) return `the page is ${document.documentElement.scrollWidth} wide in ${width}`;
    for (const node of all("body *")) {
      if (!visible(node) || node.closest(".hex, svg, .ladder, .skip")) continue;
      const box = node.getBoundingClientRect();
      if (box.right > width + 1 || box.left < -1) return `${node.className || node.tagName} reaches from ${box.left} to ${box.right}`;
    }
    return "";
  }

  const channel = value => { const v = value / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = rgb => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const numbers = text => (text.match(/[\d.]+/g) || []).map(Number);

  function groundOf(node) {
    for (let at = node; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  }

  /* WCAG 2.2, 1.4.3: 4.5 to 1 for text. */
  function contrast() {
    const worst = new Map();
    for (const node of all("body *")) {
      const text = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
      if (!text || !visible(node) || node.closest("svg, noscript, script, [disabled]")) continue;
      const a = light(numbers(getComputedStyle(node).color)), b = light(groundOf(node));
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) worst.set(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`, true);
    }
    return [...worst.keys()].slice(0, 5).join("; ");
  }

  /* What a screen reader asks for. */
  function names() {
    for (const node of all("button, select, [role=listbox], [role=tree], [role=treeitem], [role=img], [role=option]")) {
      if (!visible(node)) continue;
      if (!(node.getAttribute("aria-label") || node.textContent.trim() || node.querySelector("title"))) return `${node.className || node.tagName} has no name`;
    }
    const ids = all("[id]").map(node => node.id), twice = ids.find((id, i) => ids.indexOf(id) !== i);
    return twice ? `id ${twice} stands twice` : "";
  }

  /* How long a step takes, and how much is in the document. */
  function fluid(steps) {
    const from = performance.now();
    for (let i = 0; i < steps; i++) press("j");
    const each = (performance.now() - from) / steps, nodes = all("*").length;
    return (each < 100 ? "" : `a step takes ${each.toFixed(0)} ms `) + (nodes < 6000 ? "" : `${nodes} elements`);
  }

  const state = () => ({position: position(), open: !one("#detail").hidden, focus: document.activeElement.id || document.activeElement.className, rows: all(".row").length});
  return {walk, translations, arrows, marks, overflow, contrast, names, fluid, state: () => JSON.stringify(state()), count: selector => String(all(selector).length), text: selector => (one(selector) || {textContent: "nothing"}).textContent};
})();
