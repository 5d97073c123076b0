/* The player: what happens now in a sentence, and the buttons that walk the story. */

const SIGNS = {
  previousAct: "M4 4v12M16 4l-9 6 9 6z", previous: "M14 4l-9 6 9 6z", play: "M5 3l12 7-12 7z", pause: "M5 3h3.5v14H5zM11.5 3H15v14h-3.5z", next: "M6 4l9 6-9 6z", nextAct: "M16 4v12M4 4l9 6-9 6z",
};
const sign = key => draw("svg", {viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true", class: "sign"}, draw("path", {d: SIGNS[key]}));
const button = (key, content, action, more) => make("button", {type: "button", "aria-label": say(key), title: say(key), onclick: action, ...more}, content || sign(key));

function renderPlayer() {
  const packet = packetOf(state.cursor);
  byId("player").replaceChildren(
    make("div", {class: "caption", "aria-live": "polite"},
      make("p", {class: "now"}, packet ? [badges(packet), said(packet.line)] : ""),
      make("p", {class: "why"}, packet ? said(packet.why) : "")),
    make("div", {class: "controls"},
      make("div", {role: "group"}, button("previousAct", null, () => stepAct(-1)), button("previous", null, () => step(-1)),
        button(state.playing ? "pause" : "play", null, togglePlay, {class: "play", id: "play"}),
        button("next", null, () => step(1)), button("nextAct", null, () => stepAct(1)), make("span", {class: "position"}, `${state.cursor} / ${story.packets.length}`)),
      make("div", {role: "group"}, button("unfold", say("unfold"), () => state.open ? fold() : unfold(), {"aria-pressed": String(state.open)}),
        button("everyName", say("every"), toggleHops, {id: "every", "aria-pressed": String(state.every)}), speedSelect())));
  leaveRoom();
}

/* The sheet and the unfolded packet end above the player. */
function leaveRoom() { document.documentElement.style.setProperty("--player", byId("player").offsetHeight + "px"); }

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
