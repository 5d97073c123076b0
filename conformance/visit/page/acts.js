/* The acts: heads within the ladder, and the list at the side with how long each took. */

const MARKS = {held: "✓", failed: "✕", absent: "–"};
const outcomeOf = act => !act.happened ? "absent" : act.held ? "held" : "failed";
const lengthOf = act => act.happened && act.to !== null ? Math.max(0, act.to - act.from) : 0;
const mark = outcome => make("span", {class: "mark " + outcome, role: "img", "aria-label": say(outcome)}, MARKS[outcome]);
const actFindings = index => story.findings.filter(finding => finding.act === index);

const findingBox = finding => make("p", {class: "finding"}, make("strong", {}, "! "), finding.message, finding.requirement && make("code", {}, finding.requirement));

function actHead(index, again) {
  const act = story.acts[index];
  if (!act) return make("div", {class: "act-head"}, " ");
  if (again) return make("div", {class: "act-head again", role: "presentation"}, phrase(act.title) + ", " + say("continued"));
  return make("div", {class: "act-head", role: "presentation"},
    make("div", {class: "act-line"}, mark(outcomeOf(act)), make("h2", {}, phrase(act.title)), make("span", {class: "act-took"}, duration(lengthOf(act)))),
    make("p", {class: "act-summary"}, phrase(act.summary)), actFindings(index).map(findingBox));
}

/* The end of the time line: waiting in TIME-WAIT would make everything else invisible. */
function spanOf() {
  const ends = story.acts.filter(act => act.happened && act.kind !== "time-wait" && act.to !== null).map(act => act.to);
  return Math.max(1, ...ends.map(end => end - start));
}

function barOf(act, span) {
  if (!act.happened) return make("span", {class: "bar"});
  const from = Math.min(99, 100 * Math.max(0, act.from - start) / span), to = Math.min(100, 100 * (act.from - start + lengthOf(act)) / span);
  const beyond = (act.from - start + lengthOf(act)) > span * 1.001;
  return make("span", {class: "bar"}, make("span", {class: "bar-fill " + outcomeOf(act) + (beyond ? " beyond" : ""), style: {left: from + "%", width: Math.max(1.2, to - from) + "%"}}));
}

function actEntry(act, index, span) {
  const current = packetOf(state.cursor), here = current && current.act === index;
  return make("li", {class: here ? "here" : ""},
    make("button", {type: "button", disabled: !act.first, "aria-current": here ? "step" : undefined, title: phrase(act.summary), onclick: () => choose(act.first)},
      mark(outcomeOf(act)), make("span", {class: "act-title"}, phrase(act.title)), barOf(act, span),
      make("span", {class: "act-took"}, act.happened ? duration(lengthOf(act)) : "")));
}

function renderActs() {
  const span = spanOf();
  byId("acts").replaceChildren(...story.acts.map((act, index) => actEntry(act, index, span)));
}

function renderLegend() {
  byId("legend").replaceChildren(make("h2", {}, say("layers")), make("ul", {}, Object.keys(words.levels).map(level => make("li", {class: "level-" + level}, make("i", {}), words.levels[level][languageIndex()]))));
}
