// The overlay tells what is wrong with the page: each error and warning, with the
// lines of the source around it. It opens when it is asked for. Only when an edit
// of just now has broken the page that somebody looks at, a small card says so by
// itself; it takes no focus, and who has dismissed it sees it again when something
// else is wrong.
const overlay = (() => {
  const [panel, title, body, card, pill] = [".panel", "#title", ".body", ".card", ".pill"].map(part);
  let tally = { key: "" };
  let report = null; // what docserve has last told
  let asked = 0;
  let before = null; // what had the focus before the panel

  const grave = (problem) => problem.severity === "error" || problem.severity === "critical";
  const placeOf = (problem) => [problem.path, problem.line, problem.column].filter(Boolean).join(":");

  // A link to an editor must not be taken for one to a page.
  const link = (problem, properties) => {
    const element = make(problem.edit ? "a" : "span", { textContent: placeOf(problem), ...properties });
    if (problem.edit) Object.assign(element, { href: problem.edit, title: "Open in the editor" });
    return element;
  };

  const excerptOf = ({ excerpt, line }) => excerpt && make("pre", { tabIndex: 0 }, ...excerpt.lines.map((text, i) => {
    const number = excerpt.first + i;
    const row = make(number === line ? "mark" : "span", { textContent: text || " " });
    row.dataset.line = number;
    return row;
  }));

  const item = (problem) => make("li", { className: grave(problem) ? "grave" : "" },
    make("div", { className: "head" }, make("b", { textContent: problem.severity }), link(problem, { className: "place" }), problem.category && make("span", { textContent: problem.category })),
    make("p", { className: "message", textContent: problem.message }), excerptOf(problem),
    problem.hint && make("p", { className: "hint", textContent: problem.hint }));

  const other = (page) => make("li", {},
    page.page ? make("a", { href: siteURL(page.page).href, textContent: page.page }) : make("em", { textContent: "the whole site" }),
    make("span", { textContent: tallied(page) }));

  function draw() {
    const { problems, others, more } = report;
    const rest = (tally.errors || 0) + (tally.warnings || 0) - problems.length;
    title.textContent = tallied(report.tally) || "Nothing is wrong with this page";
    const scrolled = body.scrollTop;
    body.replaceChildren(...[
      problems.length > 0 && make("ol", {}, ...problems.map(item)),
      rest > 0 && make("p", { textContent: `${rest} more` }),
      others.length > 0 && make("section", { className: "others" }, make("h3", { textContent: "Elsewhere" }),
        make("ul", {}, ...others.map(other)), more > 0 && make("p", { textContent: `and ${counted(more, "page")} more` })),
    ].filter(Boolean));
    body.scrollTop = scrolled;
    const detail = standInDetail();
    if (detail && problems.length) detail.textContent = problems.map((p) => [placeOf(p), p.message].filter(Boolean).join(": ")).join("\n\n");
    drawCard();
  }

  // ask has docserve tell. An answer that is overtaken by another is dropped.
  async function ask() {
    const serial = ++asked;
    try {
      const answer = await fetch(new URL("problems?page=" + encodeURIComponent(me.page), home), { cache: "no-store" });
      const told = answer.ok && await answer.json();
      if (!told || serial !== asked) return;
      report = told;
      draw();
    } catch {
      // docserve is gone; it tells again when it is back.
    }
  }

  let broken = false; // by an edit that was made while the page was open

  function drawCard() {
    const first = report?.problems.find(grave);
    const show = broken && first && panel.hidden && storage.get("dismissed") !== tally.key;
    if (show) {
      part(".card .text").textContent = first.message;
      part(".card .go").replaceWith(link(first, { className: "go" }));
    }
    card.toggleAttribute("hidden", !show); // which writes nothing if it is so already
  }

  function dismiss() {
    storage.set("dismissed", tally.key);
    drawCard();
  }

  // open shows the panel, and close puts the focus back to where it came from. A
  // page that is loaded anew finds it as it was, without the focus.
  async function open(focus) {
    panel.hidden = false;
    pill.setAttribute("aria-expanded", "true");
    storage.set("open", me.page);
    card.hidden = true;
    await ask();
    if (!report) title.textContent = "docserve does not answer"; // nothing was told so far
    if (!focus || panel.hidden) return;
    before = document.activeElement;
    panel.focus({ preventScroll: true });
  }

  function close() {
    const inside = shadow.activeElement && panel.contains(shadow.activeElement);
    panel.hidden = true;
    pill.setAttribute("aria-expanded", "false");
    storage.set("open", null);
    if (tally.key) storage.set("dismissed", tally.key); // it has been read
    if (inside) (before?.isConnected && before !== document.body && before !== host ? before : pill).focus({ preventScroll: true });
    before = null;
  }

  pill.addEventListener("click", () => (panel.hidden ? open(true) : close()));
  part(".panel .x").addEventListener("click", close);
  part(".card .x").addEventListener("click", dismiss);
  part(".card .text").addEventListener("click", () => open(true));
  shadow.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (panel.hidden) dismiss();
    else close();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && !card.hidden && dismiss());
  if (storage.get("open") === me.page) open(false);
  else storage.set("open", null);

  return {
    // tell takes what a message says of the page's problems and its state.
    // Greeting says that this is how the page came, and not how it has become.
    tell({ kind, problems = { key: "" }, state }, greeting) {
      const changed = problems.key !== tally.key;
      if (state) broken = state === "failed" && (broken || !greeting);
      if (tally.key && !problems.key && !panel.hidden) close();
      tally = problems;
      if (changed) {
        report = null;
        indicator.count(tally);
      }
      const wanted = panel.hidden ? !report && tally.key && (broken || standInDetail()) : changed || !report || kind === "update";
      if (wanted) ask();
      else drawCard();
    },
  };
})();
