/* Everything together: the cursor, the switches, the keyboard. */

function choose(number, open, smooth) {
  if (!packetOf(number)) return;
  const before = state.cursor;
  state.cursor = number;
  if (open) state.open = true;
  const opened = open && byId("detail").hidden;
  if (before !== number) delete state.allBytes;
  if (location.hash !== "#packet-" + number) history.replaceState(null, "", "#packet-" + number);
  renderDetail();
  if (opened) relayout();
  renderAll(smooth);
}

function renderAll(smooth) {
  renderPlayer();
  renderPicture();
  renderActs();
  reveal(smooth);
  renderLadder();
}

function relayout() {
  const narrow = plan.narrow;
  leaveRoom();
  layout(plan.printing ? 680 : byId("ladder").clientWidth);
  if (plan.narrow !== narrow || perLine() !== plan.perLine) renderDetail();
  plan.perLine = perLine();
  renderPicture();
  renderLadder();
}

function unfold() {
  state.open = true;
  renderDetail();
  relayout();
  renderAll();
  focusItem(byId("detail").querySelector("[aria-expanded=true]") || byId("detail").querySelector("[role=treeitem]"));
}

function fold() {
  const inside = byId("detail").contains(document.activeElement);
  state.open = false;
  renderDetail();
  relayout();
  renderAll();
  if (inside) byId("ladder").focus({preventScroll: true});
}

function toggleHops() {
  state.every = !state.every;
  relayout();
  renderAll();
}

/* ---- switches ---- */

const darkWanted = window.matchMedia("(prefers-color-scheme: dark)");
const isDark = () => document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : darkWanted.matches;

function toggleTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  renderWords();
}

function toggleLanguage() {
  state.lang = state.lang === "ko" ? "en" : "ko";
  renderWords();
  renderDetail();
  relayout();
  renderAll();
}

function outcomeText() {
  if (story.whole) return say("whole");
  if (phrase(story.failure)) return phrase(story.failure);
  const failed = story.acts.filter(act => act.happened && !act.held).map(act => phrase(act.title));
  if (!failed.length) return say("brokenNowhere");
  return say("broken", failed.slice(0, 2).join(", ")) + (failed.length > 2 ? ", " + say("more", failed.length - 2) : "");
}

function renderWords() {
  document.documentElement.lang = state.lang;
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  byId("title").textContent = say("heading", story.url);
  byId("outcome").className = story.whole ? "held" : "failed";
  byId("outcome").textContent = (story.whole ? "✓ " : "✕ ") + outcomeText();
  byId("language").textContent = say("language");
  byId("language").setAttribute("aria-label", say("languageName"));
  byId("theme").textContent = say(isDark() ? "themeLight" : "themeDark");
  renderFacts();
  renderLegend();
  renderHelp();
}

function renderFacts() {
  const again = story.packets.filter(packet => packet.repeated && packet.hop === 0).length, gone = story.packets.filter(lost).length;
  const facts = [["took", duration(spanOf())], ["sent", count(story.packets.length)], ["page", story.whole ? say("bytes", count(story.page_bytes)) : say("bytesOf", count(story.got_bytes), count(story.page_bytes))]];
  if (gone) facts.push(["lostCount", count(gone)]);
  if (again) facts.push(["again", count(again)]);
  byId("facts").replaceChildren(...facts.map(([name, value]) => make("div", {}, make("dt", {}, say(name)), make("dd", {}, value))));
}

function renderHelp() {
  byId("help").replaceChildren(make("h2", {}, say("dialog")),
    make("dl", {}, words.keys.map(key => make("div", {}, make("dt", {}, key[0]), make("dd", {}, key[1 + languageIndex()])))),
    make("button", {type: "button", onclick: () => byId("help").close()}, say("close")));
}

/* ---- keyboard ---- */

const KEYS = {
  ArrowDown: () => step(1), j: () => step(1), ArrowUp: () => step(-1), k: () => step(-1),
  ArrowRight: () => stepHop(1), ArrowLeft: () => stepHop(-1), Enter: () => unfold(), " ": togglePlay,
  n: () => stepAct(1), p: () => stepAct(-1), h: toggleHops, t: toggleTheme, l: toggleLanguage,
  Home: () => choose(plan.rows[0].packet.number), End: () => choose(plan.rows[plan.rows.length - 1].packet.number),
  Escape: () => { if (state.playing) stopPlaying(); else if (state.open) fold(); }, "?": () => byId("help").showModal(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const on = event.target.tagName;
  if (on === "SELECT" || (["Enter", " "].includes(event.key) && ["BUTTON", "A"].includes(on))) return;
  if (!KEYS[event.key]) return;
  KEYS[event.key]();
  event.preventDefault();
}

/* ---- paper ---- */

function beforePrint() { plan.printing = true; byId("side").open = true; relayout(); }
function afterPrint() { plan.printing = false; foldSide(); relayout(); }

/* On a narrow screen the list of acts is folded away at first. */
const roomy = window.matchMedia("(min-width: 1100px)");
function foldSide() { byId("side").open = roomy.matches; }

function onResize() {
  if (plan.printing || byId("ladder").clientWidth === plan.width) return;
  relayout();
  if (state.cursor > 1) reveal();
}

/* Once a frame, however many events come. */
function onScroll() {
  if (state.scrolled) return;
  state.scrolled = true;
  requestAnimationFrame(() => { state.scrolled = false; renderLadder(); });
}

/* page.html#packet-12 begins at packet 12. */
function toHash() {
  const number = Number((/^#packet-(\d+)$/.exec(location.hash) || [])[1]);
  if (packetOf(number)) state.cursor = number;
  return Boolean(packetOf(number));
}

function begin() {
  state.lang = document.documentElement.lang === "ko" ? "ko" : "en";
  renderWords();
  if (!story.packets.length) return;
  byId("language").addEventListener("click", toggleLanguage);
  byId("theme").addEventListener("click", toggleTheme);
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  document.addEventListener("keydown", onKey);
  roomy.addEventListener("change", foldSide);
  darkWanted.addEventListener("change", renderWords);
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  window.addEventListener("scroll", onScroll, {passive: true});
  new ResizeObserver(onResize).observe(byId("ladder"));
  foldSide();
  toHash();
  window.addEventListener("hashchange", () => { if (toHash()) choose(state.cursor); });
  renderPlayer();
  relayout();
  renderActs();
  if (state.cursor > 1) renderAll();
}

begin();
