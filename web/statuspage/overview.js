// What is being done, and by what.
const tasks = {
  open: "loads conf.py and the extensions", discover: "looks for documents", read: "reads", update: "updates what pages share",
  spread: "looks for pages that show what has changed", write: "writes", preview: "writes a provisional page of", assets: "copies static files",
  ingest: "takes over words for the search", settle: "puts names into order", finish: "makes indices, search and the environment",
  idle: "collects garbage", rehearse: "rehearses with", fork: "makes a process", starting: "starts", reading: "reads", writing: "writes",
  finishing: "checks consistency",
};

const phases = { starting: "Starting", reading: "Reading", writing: "Writing", finishing: "Finishing", settled: "Up to date", failed: "Cannot be built" };

function headline(s) {
  if (s.phase === "failed") return "Cannot be built";
  if (s.settled) return s.failed ? "Some of it cannot be built" : "Up to date";
  const left = s.states?.building || 0;
  if (s.phase !== "settled") return s.total ? `${phases[s.phase] || s.phase}, ${s.done} of ${s.total}` : phases[s.phase] || s.phase;
  return s.build || left ? "Building" : "Pages are up to date"; // a few pages are no phase
}

const cause = (build) =>
  build.initial ? "first build" : build.reason || (build.changed || []).join(", ") || "consistency of the whole";

function drawOverview(s) {
  document.documentElement.className = s.failed ? "failed" : s.settled ? "fresh" : "building";
  say($("headline"), headline(s));
  say($("spoken"), headline({ ...s, total: 0 })); // nobody wants to hear each number
  const progress = $("progress");
  progress.hidden = s.phase === "settled" || !s.total;
  progress.max = s.total || 1;
  progress.value = s.done || 0;

  const stale = s.states?.building || 0;
  const parts = [];
  if (s.build) parts.push(`Building since ${clock(s.build.start)}, because of: ${cause(s.build)}.`);
  if (s.phase === "failed") parts.push("Nothing is built before the error below is repaired; pages are as they were.");
  else if (stale) parts.push(`${plural(stale, "page")} of ${s.documents} ${stale === 1 ? "is" : "are"} out of date.`);
  else if (s.settled) parts.push(`${plural(s.documents, "document")}; every page is what its sources say, and indices and search are written.`);
  else if (!s.build) parts.push("All pages are up to date; indices and search follow.");
  if (s.broken?.length) parts.push(`Cannot be built: ${s.broken.join(", ")}.`);
  if (s.provisional?.length) parts.push(`${plural(s.provisional.length, "page")} provisional: made before the whole site was read.`);
  rows($("now-text"), parts, (text) => text, (text) => element("p", null, text));

  rows($("busy"), s.busy || [], (busy) => busy.process, (busy) =>
    element("li", null, element("b", null, busy.process), ` ${tasks[busy.task] || busy.task} `,
      busy.doc ? documentLink(busy.doc) : busy.step ? `(${busy.step})` : "",
      busy.why ? element("span", { className: "soft" }, ` – ${busy.why}`) : null));

  $("stale-box").hidden = !s.stale?.length;
  say($("stale-count"), String(Math.max(stale, s.stale?.length || 0)));
  rows($("stale"), (s.stale || []).map((doc) => [doc, s.why?.[doc] || ""]), ([doc]) => doc, ([doc, why]) =>
    element("li", null, documentLink(doc), why ? element("span", { className: "soft" }, ` – ${why}`) : null));

  rows($("tabs"), s.tabs || [], (view) => view.page, (view) =>
    element("li", null, element("a", { href: pageAddress(view.page) }, view.page),
      element("span", { className: "figure" }, plural(view.tabs, "tab"))), "None.");

  const facts = [["docserve", s.docserve], ["Sphinx", s.sphinx], ["Python", s.python], ["theme", s.theme],
    ["engine", s.engine === "worker" ? "warm worker" : "plain sphinx-build"], ["interpreter", s.interpreter], ["source", s.source], ["output", s.output]];
  const list = $("versions");
  const text = JSON.stringify(facts);
  if (list.dataset.is !== text) {
    list.dataset.is = text;
    list.replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => [
      element("dt", null, name), element("dd", null, /[\\/]/.test(value) ? element("code", null, value) : value)]));
  }

  const processes = Object.entries(s.processes || {}).sort(([a], [b]) => (a < b ? -1 : 1));
  rows($("processes"), processes, ([role]) => role, ([role, pid]) =>
    element("li", null, role, element("span", { className: "figure" }, String(pid))));
  $("incident-box").hidden = !s.incidents?.length;
  rows($("incidents"), (s.incidents || []).toReversed(), (each) => each.time, (each) =>
    element("li", null, element("span", { className: "soft" }, clock(each.time)), ` ${each.message}`));
}
