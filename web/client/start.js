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

// Reloading keeps the place: the element under the reader's eye stays where it is
// in the window, whatever comes or goes above it, and so do scrolled sidebars. The
// browser's own memory of pixels is not enough for that.
const placeKey = "docserve:place:" + location.pathname;

const pathOf = (element) => {
  const steps = [];
  for (let e = element; e.parentElement && !e.id; e = e.parentElement) {
    steps.unshift(`:nth-child(${1 + [...e.parentElement.children].indexOf(e)})`);
    if (e.parentElement.id) return ["#" + CSS.escape(e.parentElement.id), ...steps].join(" > ");
  }
  return element.id ? "#" + CSS.escape(element.id) : [":root", ...steps].join(" > ");
};

// eye returns what recognises an element near the reader's eye: its text, and
// which of those with that text it is. Between two paragraphs, their section is
// what is hit; its text is too long to mean one place, so look a bit further down.
function eye() {
  for (let y = 0.3; y < 0.9; y += 0.02) {
    const element = document.elementFromPoint(innerWidth / 2, innerHeight * y);
    const text = element?.textContent || "";
    if (!text.trim() || text.length > 1000) continue;
    return { name: element.localName, text, nth: alike(element.localName, text).indexOf(element), top: element.getBoundingClientRect().top };
  }
  return null;
}

const alike = (name, text) => [...document.getElementsByTagName(name)].filter((e) => e.textContent === text);

function reload() {
  const scrollers = [];
  for (const e of document.body.querySelectorAll("*")) {
    if (e.scrollTop || e.scrollLeft) scrollers.push([pathOf(e), e.scrollLeft, e.scrollTop]);
  }
  try {
    sessionStorage.setItem(placeKey, JSON.stringify({ x: scrollX, y: scrollY, eye: scrollY ? eye() : null, scrollers }));
  } catch {
    // Storage is off: the browser's own memory has to do.
  }
  location.reload();
}

function restorePlace() {
  let place = null;
  try {
    place = JSON.parse(sessionStorage.getItem(placeKey));
    sessionStorage.removeItem(placeKey);
  } catch {
    return;
  }
  if (!place) return;
  const apply = () => {
    for (const [path, left, top] of place.scrollers) document.querySelector(path)?.scrollTo({ left, top, behavior: "instant" });
    scrollTo({ left: place.x, top: place.y, behavior: "instant" });
    const [seen, matches] = [place.eye, place.eye ? alike(place.eye.name, place.eye.text) : []];
    const element = matches[seen?.nth] || matches[0];
    if (element) scrollBy({ top: element.getBoundingClientRect().top - seen.top, behavior: "instant" });
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
