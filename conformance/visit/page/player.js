/* The player: what happens now in a sentence, and the buttons that walk the story. */

const button = (key, sign, action, more) => make("button", {type: "button", "aria-label": say(key), title: say(key), onclick: action, ...more}, sign);

function renderPlayer() {
  const packet = packetOf(state.cursor);
  const nat = packet && translationOf(packet);
  byId("player").replaceChildren(
    make("div", {class: "caption", "aria-live": "polite"},
      make("p", {class: "now"}, packet ? [badges(packet), said(packet.line)] : ""),
      make("p", {class: "why"}, packet ? said(packet.why) : "")),
    make("div", {class: "controls", role: "group"},
      button("previousAct", "⏮", () => stepAct(-1)), button("previous", "◀", () => step(-1)),
      button(state.playing ? "pause" : "play", state.playing ? "❚❚" : "▶", togglePlay, {class: "play", id: "play"}),
      button("next", "▶", () => step(1), {class: "thin"}), button("nextAct", "⏭", () => stepAct(1)),
      button("unfold", say("unfold"), () => state.open ? fold() : unfold(), {class: "wide", "aria-expanded": String(state.open)}),
      button("everyName", say("every"), toggleHops, {class: "wide", "aria-pressed": String(state.every)}),
      speedSelect(), make("span", {class: "position"}, `${state.cursor} / ${story.packets.length}`)));
}

function speedSelect() {
  const select = make("select", {"aria-label": say("speed"), onchange: event => { state.speed = Number(event.target.value); }});
  for (const speed of [0.5, 1, 2, 4]) select.append(make("option", {value: speed, selected: speed === state.speed}, speed + "×"));
  return select;
}

/* Time to read a sentence. */
const readingTime = packet => (900 + 28 * said(packet.line).length) / state.speed;

function playOn() {
  clearTimeout(state.timer);
  if (!state.playing) return;
  state.timer = setTimeout(() => {
    if (!step(1, true)) state.playing = false;
    renderPlayer();
    playOn();
  }, readingTime(packetOf(state.cursor)));
}

function togglePlay() {
  state.playing = !state.playing;
  if (state.playing && state.cursor === story.packets.length) choose(1);
  renderPlayer();
  byId("play").focus({preventScroll: true});
  playOn();
}

function stopPlaying() {
  if (!state.playing) return;
  state.playing = false;
  clearTimeout(state.timer);
  renderPlayer();
}

function step(by, playing) {
  const rows = plan.rows, here = plan.rowOf.get(rowNumber(packetOf(state.cursor)));
  const row = rows[here + by];
  if (!playing) stopPlaying();
  if (!row) return false;
  choose(row.packet.number, false, playing);
  return true;
}

function stepHop(by) {
  const packet = packetOf(state.cursor), hop = hopsOf(packet)[packet.hop + by];
  if (hop) choose(hop.number);
}

/* To the first packet of another act. */
function stepAct(by) {
  const firsts = plan.heads.map(head => plan.rows.find(row => row.y === head.y + head.height)).filter(Boolean);
  const here = plan.rowOf.get(rowNumber(packetOf(state.cursor)));
  const starts = firsts.map(row => plan.rowOf.get(row.packet.number));
  const to = by > 0 ? starts.find(i => i > here) : starts.filter(i => i < here).pop();
  if (to !== undefined) choose(plan.rows[to].packet.number);
}
