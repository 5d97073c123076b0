/* The acts: heads within the ladder, and the list at the side with how long each took. */

const MARKS = {held: "✓", failed: "✕", absent: "–"};
const outcomeOf = act => !act.happened ? "absent" : act.held ? "held" : "failed";
const lengthOf = act => act.happened && act.to !== null ? Math.max(0, act.to - act.from) : 0;
const mark = outcome => make("span", {class: "mark " + outcome, role: "img", "aria-label": say(outcome)}, MARKS[outcome]);
const actFindings = index => story.findings.filter(finding => finding.act === index);

const FEW = 3; /* findings shown in the head of an act; the others stand at their packets */

function findingBox(finding, times) {
  return make("p", {class: "finding"}, make("strong", {}, "! "), finding.message, times > 1 && make("span", {class: "dim"}, " " + say("times", count(times))), " ",
    finding.requirement && make("code", {}, finding.requirement),
    times && finding.packet ? make("button", {type: "button", class: "small", onclick: () => choose(finding.packet, true)}, say("atPacket", finding.packet)) : null);
}

/* What was found in an act, each kind once. */
function findingList(index) {
  const kinds = new Map();
  for (const finding of actFindings(index)) {
    const key = finding.message + finding.requirement, kind = kinds.get(key) || {finding, times: 0};
    kind.times++;
    kinds.set(key, kind);
  }
  const list = [...kinds.values()];
  return [list.slice(0, FEW).map(kind => findingBox(kind.finding, kind.times)), list.length > FEW && make("p", {class: "dim"}, say("more", count(list.length - FEW)))];
}

const aboutOf = act => words.acts[act.kind] ? words.acts[act.kind][languageIndex()] : "";

function actHead(index, again) {
  const act = story.acts[index];
  if (!act) return make("div", {class: "act-head"}, " ");
  if (again) return make("div", {class: "act-head again", role: "presentation"}, phrase(act.title) + ", " + say("continued"));
  return make("div", {class: "act-head", role: "presentation"},
    make("div", {class: "act-line"}, mark(outcomeOf(act)), make("h2", {}, phrase(act.title)), make("span", {class: "act-took"}, duration(lengthOf(act)))),
    make("p", {class: "act-about"}, aboutOf(act)), make("p", {class: "act-summary"}, phrase(act.summary)), findingList(index));
}

/* The end of the time line: waiting in TIME-WAIT would make everything else invisible. */
function spanOf() {
  const ends = story.acts.filter(act => act.happened && act.kind !== "time-wait" && act.to !== null).map(act => act.to);
  return Math.max(1, ...ends.map(end => end - start));
}

function barOf(act, span) {
  if (!act.happened) return make("span", {class: "bar"});
  const beyond = (act.from - start + lengthOf(act)) > span * 1.001;
  const from = Math.min(beyond ? 86 : 98.8, 100 * Math.max(0, act.from - start) / span), to = Math.min(100, 100 * (act.from - start + lengthOf(act)) / span);
  return make("span", {class: "bar"}, make("span", {class: "bar-fill " + outcomeOf(act) + (beyond ? " beyond" : ""), style: {left: from + "%", width: Math.max(1.2, to - from) + "%"}}));
}

const toAct = index => story.acts[index].first ? choose(story.acts[index].first) : revealAct(index);

function actEntry(act, index, span) {
  const current = packetOf(state.cursor), here = current && current.act === index;
  return make("li", {class: here ? "here" : ""},
    make("button", {type: "button", disabled: !act.happened, "aria-current": here ? "step" : undefined, title: phrase(act.summary), onclick: () => toAct(index)},
      mark(outcomeOf(act)), make("span", {class: "act-title"}, phrase(act.title)), barOf(act, span),
      make("span", {class: "act-took"}, act.happened ? duration(lengthOf(act)) : "")));
}

function renderActs() {
  const span = spanOf();
  byId("acts").replaceChildren(...story.acts.map((act, index) => actEntry(act, index, span)));
}

/* The acts as steps, to see how far the story is. */
function steps() {
  const current = packetOf(state.cursor);
  return make("div", {class: "steps", role: "group", "aria-label": say("acts")}, story.acts.map((act, index) => make("button", {
    type: "button", class: "step " + outcomeOf(act) + (current && current.act === index ? " here" : ""), disabled: !act.happened, title: phrase(act.title), "aria-label": phrase(act.title), onclick: () => toAct(index),
  }, index + 1)));
}

function renderLegend() {
  byId("legend").replaceChildren(make("h2", {}, say("layers")), make("ul", {}, Object.keys(words.levels).map(level => make("li", {class: "level-" + level}, make("i", {}), words.levels[level][languageIndex()]))));
}
