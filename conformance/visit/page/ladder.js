/* The ladder: packets in order of time, each a line of words and an arrow between the two hosts of its link. Only what is
 * near the window is in the document, so that thousands of packets stay fluid. */

const plan = {places: [], rows: [], rowOf: new Map(), width: 0, list: 0, x: [], height: 0, heads: [], gaps: []};
const WAIT = 150e6; /* ns without a packet that are worth a word */

const told = packet => state.every || packet.hop === 0; /* has a line of its own */
/* The first hop says it all; those that follow pass it on, and without a line of their own they only take a little room. */
function rowHeight(packet) {
  if (packet.hop === 0) return plan.narrow ? 56 : 42;
  return !state.every ? 12 : plan.narrow ? 40 : 28;
}
const rowNumber = packet => state.every ? packet.number : packet.trip;

/* ---- where everything stands ---- */

function layout(width) {
  const narrow = width < 700 && !plan.printing;
  plan.width = width;
  plan.narrow = narrow;
  plan.list = narrow ? 0 : Math.round(Math.min(Math.max(width * 0.4, 280), 460));
  const side = narrow ? 26 : 46, span = width - plan.list - 2 * side;
  plan.x = columns.map((host, i) => plan.list + side + (columns.length < 2 ? 0 : span * i / (columns.length - 1)));
  byId("ladder").classList.toggle("narrow", narrow);
  place(width, plan.list, plan.x);
  stack();
}

/* Heads of acts have the height their words need at this width. */
function headHeight(act, again) {
  const probe = actHead(act, again);
  probe.style.visibility = "hidden";
  byId("ladder").append(probe);
  const height = Math.ceil(probe.getBoundingClientRect().height);
  probe.remove();
  return height;
}

/* A place for every packet, in order of time: rows for those that are told, and heads and pauses between them. */
function stack() {
  const heights = new Map(), seen = new Set();
  let y = 0, before = null, act = null;
  plan.places = []; plan.rows = []; plan.heads = []; plan.gaps = []; plan.rowOf.clear();
  for (const packet of story.packets) {
    const body = y;
    if (before && packet.sent - before.sent > WAIT) { plan.gaps.push({y, ns: packet.sent - before.sent}); y += 40; }
    if (packet.hop === 0 && packet.act !== act) { /* later hops belong to the act of their first */
      const again = seen.has(packet.act), key = packet.act + (again ? "+" : "");
      if (!heights.has(key)) heights.set(key, headHeight(packet.act, again));
      plan.heads.push({act: packet.act, again, y, height: heights.get(key)});
      y += heights.get(key);
      seen.add(packet.act);
      act = packet.act;
    }
    const height = rowHeight(packet);
    const place = {packet, y, height, arrow: y + (plan.narrow && told(packet) ? height - 22 : height / 2), body, broken: body !== y};
    plan.places.push(place);
    if (told(packet)) { plan.rowOf.set(packet.number, plan.rows.length); plan.rows.push(place); }
    y += height;
    before = packet;
  }
  plan.height = waiting(y + 30);
  plan.arrows = story.packets.map(arrowOf);
  byId("ladder").style.height = plan.height + "px";
}

/* An act of waiting has no packet: it stands at the end. */
function waiting(y) {
  story.acts.forEach((act, index) => {
    if (!act.happened || act.first) return;
    const height = headHeight(index, false);
    plan.heads.push({act: index, again: false, y, height});
    y += height;
  });
  return y;
}

/* The first place whose packet was sent at or after this time. */
function placeAt(time) {
  let low = 0, high = plan.places.length;
  while (low < high) {
    const middle = low + high >> 1;
    if (plan.places[middle].packet.sent < time) low = middle + 1; else high = middle;
  }
  return low;
}

/* Time grows downwards: from place to place evenly, and what happens before a pause or a new act stays above it. */
function heightAt(time) {
  const i = placeAt(time), place = plan.places[i], above = plan.places[i - 1];
  if (!above) return place ? place.arrow : 0;
  const from = above.packet.sent, foot = above.y + above.height + 10;
  if (!place) return foot;
  const to = place.broken ? Math.min(place.body - 2, foot) : place.arrow;
  return above.arrow + (to - above.arrow) * (time - from) / (place.packet.sent - from);
}

function arrowOf(packet) {
  const from = plan.x[columnOf.get(packet.from)], to = plan.x[columnOf.get(packet.to)], y = plan.places[packet.number - 1].arrow;
  const link = story.links[packet.link], time = lost(packet) ? packet.sent + link.delay : packet.arrived;
  const next = hopsOf(packet)[packet.hop + 1];
  const landing = next && next.sent === time ? plan.places[next.number - 1].arrow : heightAt(time);
  return {packet, x1: from, y1: y, x2: to, y2: Math.max(landing, y + (plan.narrow ? 6 : 9))};
}

/* ---- what is seen ---- */

function windowOf() {
  if (plan.printing) return [0, plan.height];
  const box = byId("ladder").getBoundingClientRect();
  return [-box.top - 400, window.innerHeight - box.top + 400];
}

function renderLadder() {
  const ladder = byId("ladder"), [from, to] = windowOf();
  const rows = plan.rows.filter(row => row.y + row.height > from && row.y < to);
  const nodes = [slice(Math.max(0, from), Math.min(plan.height, to))];
  for (const gap of plan.gaps) if (gap.y + 40 > from && gap.y < to) nodes.push(gapNode(gap));
  for (const row of rows) nodes.push(rowNode(row));
  for (const head of plan.heads) if (head.y + head.height > from && head.y < to) nodes.push(headNode(head));
  ladder.replaceChildren(...nodes);
  const active = byId("p" + rowNumber(packetOf(state.cursor)));
  if (active) ladder.setAttribute("aria-activedescendant", active.id); else ladder.removeAttribute("aria-activedescendant");
}

function headNode(head) {
  const node = actHead(head.act, head.again);
  node.style.top = head.y + "px";
  return node;
}

const gapNode = gap => make("div", {class: "gap", style: {top: gap.y + "px", left: plan.list + "px"}, role: "presentation"}, make("span", {}, say("later", duration(gap.ns))));

function badges(packet) {
  const hops = state.every ? [packet] : hopsOf(packet);
  return [
    hops.some(lost) && make("span", {class: "badge bad"}, "✕ " + say("lost")),
    state.every && translatedHere(packet) && make("span", {class: "badge nat-here"}, "NAT"),
    packet.repeated && make("span", {class: "badge again"}, "↻ " + say("repeated")),
    hops.some(hop => findingsOf(hop).length) && make("span", {class: "badge bad"}, "! " + say("finding")),
  ];
}

function rowNode(row) {
  const packet = row.packet, current = packetOf(state.cursor), chosen = rowNumber(current) === packet.number;
  const same = current.trip === packet.trip;
  const position = plan.rowOf.get(packet.number) + 1;
  return make("div", {
    class: "row" + (chosen ? " chosen" : same ? " same" : ""), role: "option", id: "p" + packet.number, "aria-selected": String(chosen),
    "aria-setsize": plan.rows.length, "aria-posinset": position, style: {top: row.y + "px", height: row.height + "px"}, onclick: () => choose(packet.number, true),
  }, make("div", {class: "words", style: plan.narrow ? {} : {width: plan.list + "px"}},
    make("span", {class: "when"}, clock(packet.sent - start)), wordsOf(packet)));
}

function wordsOf(packet) {
  if (packet.hop && state.every) return make("span", {class: "line passed"}, badges(packet), "↳ " + said(packet.line));
  return [make("span", {class: "protocol level-" + levelOf(protocolOf(packet))}, titleOf(protocolOf(packet))), make("span", {class: "line"}, badges(packet), said(packet.line))];
}

/* The drawing behind the rows between two heights. */
function slice(from, to) {
  const visible = plan.arrows.filter(arrow => arrow.y2 > from && arrow.y1 < to);
  const current = packetOf(state.cursor);
  const order = visible.filter(arrow => arrow.packet.trip !== current.trip).concat(visible.filter(arrow => arrow.packet.trip === current.trip));
  return draw("svg", {class: "drawing", width: plan.width, height: to - from, viewBox: `0 ${from} ${plan.width} ${to - from}`, style: {top: from + "px"}, "aria-hidden": "true"},
    ground(from, to), plan.x.map(x => draw("line", {x1: x, x2: x, y1: from, y2: to, class: "life"})), waits(visible), order.map(drawArrow));
}

function ground(from, to) {
  const border = borderColumn();
  return border < 0 ? null : draw("rect", {x: plan.list, y: from, width: plan.x[border] - plan.list, height: to - from, class: "zone-private"});
}

/* A packet that a host held back before sending it on: a line down the host. */
function waits(visible) {
  return visible.map(arrow => {
    const next = hopsOf(arrow.packet)[arrow.packet.hop + 1];
    if (!next || lost(arrow.packet)) return null;
    const y = plan.arrows[next.number - 1].y1;
    return y - arrow.y2 < 2 ? null : draw("line", {x1: arrow.x2, x2: arrow.x2, y1: arrow.y2, y2: y, class: "held-back"});
  });
}

function drawArrow(arrow) {
  const packet = arrow.packet, current = packetOf(state.cursor), gone = lost(packet);
  const part = gone ? 0.6 : 1;
  const x = arrow.x1 + (arrow.x2 - arrow.x1) * part, y = arrow.y1 + (arrow.y2 - arrow.y1) * part;
  const kind = (packet.number === current.number ? " chosen" : packet.trip === current.trip ? " same" : "") + (packet.repeated ? " again" : "") + (gone ? " gone" : "");
  return draw("g", {class: "arrow level-" + levelOf(protocolOf(packet)) + kind, onclick: () => choose(packet.number, true)},
    draw("line", {x1: arrow.x1, y1: arrow.y1, x2: x, y2: y, class: "touch"}),
    draw("line", {x1: arrow.x1, y1: arrow.y1, x2: x, y2: y, class: "shaft"}),
    gone ? draw("path", {d: "M-6 -6L6 6M6 -6L-6 6", class: "cross", transform: `translate(${x} ${y})`}) : drawPoint(arrow));
}

function drawPoint(arrow) {
  const angle = Math.atan2(arrow.y2 - arrow.y1, arrow.x2 - arrow.x1) * 180 / Math.PI;
  return draw("path", {d: "M0 0L-9 -4.2L-9 4.2Z", class: "point", transform: `translate(${arrow.x2} ${arrow.y2}) rotate(${angle})`});
}

/* Goes to the head of an act. */
function revealAct(index) {
  const head = plan.heads.find(one => one.act === index);
  if (head) window.scrollBy({top: byId("ladder").getBoundingClientRect().top + head.y - byId("picture").offsetHeight - 8, behavior: moving() ? "smooth" : "instant"});
}

/* Brings the packet under the cursor between the picture and the player. */
function reveal(smooth) {
  const row = plan.rows[plan.rowOf.get(rowNumber(packetOf(state.cursor)))];
  if (!row) return;
  const top = byId("ladder").getBoundingClientRect().top + row.y;
  const head = plan.heads.find(one => one.y + one.height === row.y);
  const above = byId("picture").getBoundingClientRect().height + (head ? head.height : 0) + 8;
  const below = window.innerHeight - byId("player").offsetHeight - row.height - 24;
  if (top < above) window.scrollBy({top: top - above, behavior: smooth && moving() ? "smooth" : "instant"});
  else if (top > below) window.scrollBy({top: top - (above + (below - above) * 0.45), behavior: smooth && moving() ? "smooth" : "instant"});
}
