// Where the time of the last builds went. The bar of a build is its time from the
// first file event until all pages were up to date; what no part accounts for is
// waiting. Parts that run in several processes at a time can add up to more.
const parts = [
  ["watch", "noticing the change"], ["hook", "commands before the build"], ["graph", "finding out what it asks for"],
  ["open", "starting Python, loading conf.py and extensions"], ["read", "reading documents"], ["follow", "finding other pages that show it"],
  ["write", "writing pages"], ["copy", "copying static files"], ["push", "telling browsers"], ["wait", "waiting"],
];

$("legend").replaceChildren(...parts.map(([name, meaning]) =>
  element("li", { title: meaning }, element("i", { className: "part " + name, ariaHidden: "true" }), name)));

function shares(build) {
  const known = parts.filter(([name]) => name !== "wait").map(([name, meaning]) => ({ name, meaning, time: build[name] || 0 }));
  const sum = known.reduce((total, part) => total + part.time, 0);
  known.push({ name: "wait", meaning: "waiting", time: Math.max(0, build.total - sum) });
  return known.filter((part) => part.time > 0);
}

function bar(build) {
  const whole = element("span", { className: "bar", ariaHidden: "true" });
  for (const part of shares(build)) {
    const piece = element("i", { className: "part " + part.name, title: `${part.name}: ${took(part.time)}` });
    piece.style.flexGrow = part.time / 1e3; // below 1 in sum, flexbox would leave room
    whole.append(piece);
  }
  return whole;
}

function outcome(build) {
  const said = [];
  if (build.visible) said.push(`on the screen after ${took(build.visible)}`);
  said.push(`${plural(build.written, "page")} written`, `${build.differ} with other bytes`);
  if (build.new?.length) said.push(plural(build.new.length, "new warning"));
  if (build.fixed?.length) said.push(`${build.fixed.length} fixed`);
  return said.join(", ");
}

function drawBuild(build) {
  const list = shares(build);
  const pages = (build.pages || []).map((page) => element("li", null, element("a", { href: pageAddress(page) }, page)));
  return element("details", { className: "build" + (build.failed ? " broken" : "") },
    element("summary", null,
      element("span", { className: "when" }, clock(build.start)),
      element("span", { className: "cause", title: cause(build) }, cause(build)),
      build.failed ? element("strong", { className: "bad" }, "failed") : null,
      element("span", { className: "figure" }, took(build.total)),
      bar(build)),
    element("p", null, outcome(build) + "."),
    element("table", null,
      element("caption", null, "Where the time went"),
      element("tbody", null, ...list.map((part) => element("tr", null,
        element("th", { scope: "row" }, element("i", { className: "part " + part.name, ariaHidden: "true" }), part.name),
        element("td", { className: "figure" }, took(part.time)), element("td", { className: "soft" }, part.meaning))))),
    pages.length ? element("ul", { className: "rows pages" }, ...pages) : null);
}

// What is found out about the whole after the pages makes an entry of its own
// without any time: it is no build.
const timed = (build) => build.total > 0;

function drawBuilds(s) {
  const shown = (s.builds || []).filter(timed).toReversed();
  rows($("build-list"), shown, (build) => build.start, drawBuild, "There was none yet.");
}
