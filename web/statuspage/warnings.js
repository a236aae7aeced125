// Warnings by page, with filters, and what the last build has brought or fixed.
const atOnce = 200; // rows that are drawn before somebody asks for more
let limit = atOnce;

const same = (d) => JSON.stringify([d.severity, d.path || "", d.line || 0, d.column || 0, d.message]);

// lastNews returns what came and went with the last build, that of the consistency
// of the whole included. In the first build all would be new, which says nothing.
function lastNews(builds) {
  const fresh = new Set();
  const fixed = [];
  for (const build of (builds || []).toReversed()) {
    if (build.initial) break;
    for (const d of build.new || []) fresh.add(same(d));
    fixed.push(...(build.fixed || []));
    if (timed(build)) break;
  }
  return { fresh, fixed };
}

// placeName is what a warning belongs to: a document, else a file, else the site.
const placeName = (d) => d.doc || (d.path ? below(d.path) : "") || "the whole site";

function listed(s) {
  const { fresh, fixed } = lastNews(s.builds);
  const now = (s.diagnostics || []).map((d) => ({ ...d, mark: fresh.has(same(d)) ? "new" : "" }));
  const there = new Set(now.map(same));
  const gone = fixed.filter((d) => !there.has(same(d))).map((d) => ({ ...d, mark: "fixed" }));
  return [...now, ...gone];
}

function matches(d) {
  const words = $("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
  const severity = $("filter-severity").value;
  const page = $("filter-page").value;
  const text = `${d.path ? below(d.path) : ""} ${d.message} ${d.category || ""}`.toLowerCase();
  return words.every((word) => text.includes(word)) && (!severity || d.severity === severity) &&
    (!page || placeName(d) === page) && (!$("filter-new").checked || d.mark === "new");
}

function drawWarning(d) {
  const place = d.path ? [below(d.path), d.line, d.column].filter(Boolean).join(":") : "";
  return element("li", { className: "remark " + d.mark },
    element("b", { className: "severity " + d.severity }, d.severity),
    d.mark ? element("b", { className: "mark" }, d.mark) : null,
    place ? element("code", null, place) : null,
    element("span", { className: "message" }, d.message),
    d.category ? element("span", { className: "soft" }, ` [${d.category}]`) : null,
    d.hint ? element("span", { className: "soft hint" }, d.hint) : null);
}

function drawGroup([name, list]) {
  const known = list.some((d) => d.doc);
  return element("section", { className: "group" },
    element("h3", null, known ? documentLink(name) : name, element("span", { className: "count" }, String(list.length))),
    element("ul", { className: "rows" }, ...list.map(drawWarning)));
}

function drawWarnings(s) {
  const all = listed(s);
  const alive = all.filter((d) => d.mark !== "fixed");
  say($("warning-count"), String(alive.length));
  choices($("filter-page"), [...new Set(all.map(placeName))].sort());
  const shown = all.filter(matches);
  const groups = new Map();
  for (const d of shown.slice(0, limit)) {
    if (!groups.has(placeName(d))) groups.set(placeName(d), []);
    groups.get(placeName(d)).push(d);
  }
  const filtered = shown.length !== all.length;
  say($("warning-shown"), filtered ? `${shown.length} of ${all.length} shown.` : "");
  rows($("warning-list"), [...groups].sort(([a], [b]) => (a < b ? -1 : 1)), ([name]) => name, drawGroup, filtered ? "None matches." : "There are none.");
  $("more").hidden = shown.length <= limit;
}

// choices brings the options of a select to names, and keeps what was chosen.
function choices(select, names) {
  const text = JSON.stringify(names);
  if (select.dataset.is === text) return;
  select.dataset.is = text;
  const chosen = select.value;
  select.replaceChildren(element("option", { value: "" }, "all"), ...names.map((name) => element("option", { value: name }, name)));
  select.value = names.includes(chosen) ? chosen : "";
}

$("filters").addEventListener("submit", (event) => event.preventDefault());
$("filters").addEventListener("input", () => {
  limit = atOnce;
  if (status) drawWarnings(status);
});
$("more").addEventListener("click", () => {
  limit += atOnce;
  drawWarnings(status);
});
