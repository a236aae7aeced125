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

// Reloading keeps the place. The browser restores the window's scrolling itself
// if it can; sidebars, and pages that grow while they load, need help.
const placeKey = "docserve:place:" + location.pathname;

const pathOf = (element) => {
  const steps = [];
  for (let e = element; e.parentElement && !e.id; e = e.parentElement) {
    steps.unshift(`:nth-child(${1 + [...e.parentElement.children].indexOf(e)})`);
    if (e.parentElement.id) {
      return ["#" + CSS.escape(e.parentElement.id), ...steps].join(" > ");
    }
  }
  return element.id ? "#" + CSS.escape(element.id) : [":root", ...steps].join(" > ");
};

function reload() {
  const scrollers = [];
  for (const e of document.body.querySelectorAll("*")) {
    if (e.scrollTop || e.scrollLeft) scrollers.push([pathOf(e), e.scrollLeft, e.scrollTop]);
  }
  try {
    sessionStorage.setItem(placeKey, JSON.stringify({ window: [scrollX, scrollY], scrollers }));
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
    for (const [path, x, y] of place.scrollers) document.querySelector(path)?.scrollTo({ left: x, top: y, behavior: "instant" });
    scrollTo({ left: place.window[0], top: place.window[1], behavior: "instant" });
  };
  apply();
  if (document.readyState === "complete") return;
  // Images and scripts may still move things; a reader who scrolls has the last word.
  const stop = new AbortController();
  for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) {
    addEventListener(kind, () => stop.abort(), { passive: true, signal: stop.signal });
  }
  addEventListener("load", () => { apply(); stop.abort(); }, { signal: stop.signal });
}
