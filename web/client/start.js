// What the page is, as the server wrote it into the script element.
const script = document.currentScript;
const home = new URL(".", script.src); // …/__docserve/
const me = {
  page: script.dataset.page, // site path
  hash: script.dataset.hash, // of the page's bytes; "" when they are not there yet
  token: script.dataset.token,
  stand: script.dataset.stand || "", // "waiting" or "missing" when this is not the page itself
};

// address of the page, as it was asked for. The fragment never leaves the browser.
const address = () => location.href.split("#")[0];

const isClient = (element) =>
  element.localName === "script" && /\/__docserve\/client\.js(\?|$)/.test(element.getAttribute("src") || "");

const clientIn = (doc) => [...doc.querySelectorAll("script[data-page]")].find(isClient);

// announce tells the page's own scripts, and tests, that what is shown has changed.
const announce = (detail) =>
  document.dispatchEvent(new CustomEvent("docserve:updated", { detail: { page: me.page, ...detail } }));

// afterLoad runs something when the page and its images are there.
const afterLoad = (run) => (document.readyState === "complete" ? run() : addEventListener("load", () => setTimeout(run)));

// Reloading keeps the place: the element under the reader's eye stays where it is
// in the window, whatever comes or goes above it, and so do scrolled sidebars. The
// browser's own memory of pixels is not enough for that.
const placeKey = "place:" + location.pathname;

const pathOf = (element) => {
  const steps = [];
  for (let e = element; e.parentElement && !e.id; e = e.parentElement) {
    steps.unshift(`:nth-child(${1 + [...e.parentElement.children].indexOf(e)})`);
    if (e.parentElement.id) return ["#" + CSS.escape(e.parentElement.id), ...steps].join(" > ");
  }
  return element.id ? "#" + CSS.escape(element.id) : [":root", ...steps].join(" > ");
};

// sights are the elements near the reader's eye. Between two paragraphs, their
// section is what is hit; its text is too long to mean one place.
function* sights() {
  for (let y = 0.3; y < 0.9; y += 0.04) {
    const e = document.elementFromPoint(innerWidth / 2, innerHeight * y);
    if (e?.textContent.trim() && e.textContent.length < 1000) yield e;
  }
}

const topOf = (element) => element.getBoundingClientRect().top;

// keepEye has what is under the reader's eye stay where it is in the window,
// while the page is changed.
function keepEye(change) {
  const seen = scrollY ? [...sights()].map((e) => [e, topOf(e)]) : [];
  change();
  const [e, top] = seen.find(([e]) => e.isConnected) || [];
  if (e && topOf(e) !== top) scrollBy({ top: topOf(e) - top, behavior: "instant" });
  // The theme of Read the Docs scrolls its sidebar by as much as the window.
  if (window.SphinxRtdTheme) SphinxRtdTheme.Navigation.winPosition = scrollY;
}

// eye returns what recognises an element near the reader's eye when the page was
// loaded anew: its text, and which of those with that text it is.
function eye() {
  const [e] = sights();
  return e ? { name: e.localName, text: e.textContent, nth: alike(e.localName, e.textContent).indexOf(e), top: topOf(e) } : null;
}

const alike = (name, text) => [...document.getElementsByTagName(name)].filter((e) => e.textContent === text);

// What a reader has chosen and typed, beside where they are: how to find it, what
// it is, and what the page itself says that it is.
const chosenIn = [
  ["details", "open"],
  ["input[type=radio], input[type=checkbox]", "checked", "defaultChecked"],
  ["input:not([type]), input[type=text], input[type=search], textarea", "value", "defaultValue"],
  [".sphinx-tabs-tab", "ariaSelected"],
];

// choices leaves out what is as the page has it: another one may have it otherwise.
const choices = () => chosenIn.map(([selector, name, initial]) => [...document.body.querySelectorAll(selector)].map((e) => [pathOf(e), e[name], e[initial]])
  .filter(([path, value, first]) => value !== (initial ? first : source?.querySelector(path)?.[name])));

function rechoose(all) {
  all.forEach((list, i) => {
    const [selector, name] = chosenIn[i];
    for (const [path, value] of list) {
      const e = document.querySelector(path);
      if (!e?.matches(selector) || e[name] === value) continue;
      if (name !== "ariaSelected") e[name] = value;
      else if (value === "true") e.click();
    }
  });
}

function reload() {
  following.settle(true);
  const scrollers = [];
  try { // whatever is strange about the page
    for (const e of document.body.querySelectorAll("*")) {
      if (e.scrollTop || e.scrollLeft) scrollers.push([pathOf(e), e.scrollLeft, e.scrollTop]);
    }
    // Where storage is off, the browser's own memory has to do.
    storage.set(placeKey, {
      x: scrollX, y: scrollY, eye: scrollY ? eye() : null, scrollers, chosen: choices(),
      focus: document.activeElement === document.body ? "" : pathOf(document.activeElement),
    });
  } finally {
    location.reload();
  }
}

function restorePlace() {
  const place = storage.get(placeKey);
  storage.set(placeKey, null);
  if (!place) return;
  // Scripts of the page may tie things to each other first.
  const choose = () => {
    rechoose(place.chosen);
    if (place.focus && document.activeElement === document.body) document.querySelector(place.focus)?.focus({ preventScroll: true });
  };
  const apply = () => {
    choose();
    for (const [path, left, top] of place.scrollers) document.querySelector(path)?.scrollTo({ left, top, behavior: "instant" });
    scrollTo({ left: place.x, top: place.y, behavior: "instant" });
    const [seen, matches] = [place.eye, place.eye ? alike(place.eye.name, place.eye.text) : []];
    const element = matches[seen?.nth] || matches[0];
    if (element) scrollBy({ top: topOf(element) - seen.top, behavior: "instant" });
  };
  history.scrollRestoration = "manual"; // or the browser would scroll to where it was, after us
  apply();
  const done = () => { history.scrollRestoration = "auto"; };
  if (document.readyState === "complete") return done();
  // Images and scripts may still move things; a reader who scrolls has the last word.
  const stop = new AbortController();
  for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) {
    addEventListener(kind, () => stop.abort(), { passive: true, signal: stop.signal });
  }
  addEventListener("load", () => { apply(); stop.abort(); }, { signal: stop.signal });
  addEventListener("load", () => setTimeout(done));
}
