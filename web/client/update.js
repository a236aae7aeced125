// A page is updated by comparing what it was made from with what it is to be
// made from, and doing to the document just what differs. What scripts have done
// to the rest of the document since then stays. Both texts being at hand, this
// takes less time than comparing with the document itself; where the document
// no longer has the shape of the old text, idiomorph takes over for that element.

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

let source = null; // what the page was made from; null as long as it is not known

// recall gets the text that the page was made from out of the browser's cache,
// without asking the server.
async function recall() {
  try {
    const answer = await fetch(address(), { cache: "only-if-cached", mode: "same-origin" });
    const doc = parse(await answer.text());
    if (!source && clientIn(doc)?.dataset.hash === me.hash) source = doc;
  } catch {
    // Not in the cache: the first update compares with the document.
  }
}

// Scripts that Sphinx itself puts on a page, and that leave an updated page as
// right as a loaded one. The search page is not one of those.
const ownScripts = new Set([
  "documentation_options.js", "doctools.js", "sphinx_highlight.js", "translations.js",
  "jquery.js", "underscore.js", "_sphinx_javascript_frameworks_compat.js",
]);
const ownInline = new Set([
  `document.getElementById('searchbox').style.display = "block"`,
  `$('#searchbox').show(0);`,
]);
const isData = (element) => /json|template|importmap/.test(element.type);

const isOwn = (element) => {
  const src = element.getAttribute("src");
  if (src === null) return ownInline.has(element.textContent.trim());
  const path = src.split(/[?#]/)[0];
  return /(^|\/)_static\//.test(path) && ownScripts.has(path.split("/").pop());
};

const scriptsOf = (doc) => [...doc.querySelectorAll("script")].filter((e) => !/\/__docserve\//.test(e.getAttribute("src") || ""));
const sheetsOf = (doc) => [...doc.querySelectorAll("link[rel~=stylesheet][href]")];
const withoutQuery = (link) => link.getAttribute("href").split("?")[0];
const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

// reasonToReload says why a page cannot be updated in place, or "".
function reasonToReload(was, now) {
  const scripts = [scriptsOf(was), scriptsOf(now)].map((list) => list.map((e) => e.outerHTML));
  if (!same(...scripts)) return "the page's scripts changed";
  const foreign = scriptsOf(now).find((e) => !isOwn(e) && !isData(e));
  if (foreign) return "a script of others runs on it";
  if (was !== document && !same(sheetsOf(was).map(withoutQuery), sheetsOf(now).map(withoutQuery))) return "the page's style sheets changed";
  if (document.querySelector("img.toggler")) return "doctools has tied rows of an index to each other";
  return "";
}

// syncAttributes does to live what makes now of was.
function syncAttributes(live, was, now) {
  for (const { name, value } of now.attributes) {
    if (was.getAttribute(name) !== value) live.setAttribute(name, value);
  }
  for (const { name } of [...was.attributes]) {
    if (!now.hasAttribute(name)) live.removeAttribute(name);
  }
}

const sameShape = (a, b) => a.length === b.length && [...a].every((node, i) => node.nodeName === b[i].nodeName);

// sync does to live what makes now of was, elements of the same name.
function sync(live, was, now) {
  syncAttributes(live, was, now);
  const [old, next] = [[...was.childNodes], [...now.childNodes]];
  let from = 0;
  while (from < old.length && from < next.length && old[from].isEqualNode(next[from])) from++;
  let [oldTo, nextTo] = [old.length, next.length];
  while (oldTo > from && nextTo > from && old[oldTo - 1].isEqualNode(next[nextTo - 1])) oldTo--, nextTo--;
  if (from === oldTo && from === nextTo) return;
  if (!sameShape(live.childNodes, was.childNodes)) {
    morph(live, now);
    return;
  }
  const [olds, nexts] = [old.slice(from, oldTo), next.slice(from, nextTo)];
  if (olds.length !== nexts.length && Math.min(olds.length, nexts.length) > 4) {
    morph(live, now); // too much to tell what became of what by position
    return;
  }
  const lives = [...live.childNodes].slice(from, oldTo);
  const end = live.childNodes[oldTo] || null;
  for (let i = 0; i < Math.max(olds.length, nexts.length); i++) {
    syncChild(live, lives[i], olds[i], nexts[i], end);
  }
}

function syncChild(parent, live, was, now, end) {
  if (!now) {
    live.remove();
  } else if (!live) {
    parent.insertBefore(document.importNode(now, true), end);
  } else if (was.nodeName !== now.nodeName) {
    live.replaceWith(document.importNode(now, true));
  } else if (now.nodeType === Node.ELEMENT_NODE) {
    if (!was.isEqualNode(now)) sync(live, was, now);
  } else if (was.data !== now.data) {
    live.data = now.data;
  }
}

// idiomorph is loaded when the page is at rest, or when the first update comes.
let idiomorph = null;
const withIdiomorph = () => idiomorph ??= new Promise((done) => {
  const element = document.createElement("script");
  element.src = new URL("idiomorph.js" + new URL(script.src).search, home).href;
  element.onload = element.onerror = () => { element.remove(); done(); };
  document.head.append(element);
});

// morph makes live's content that of now, keeping what it can recognise.
function morph(live, now) {
  Idiomorph.morph(live, document.importNode(now, true).childNodes, { morphStyle: "innerHTML", restoreFocus: true });
}

// syncHead exchanges what differs between two heads, but for scripts, of which
// none does, and style sheets, which are swapped so that nothing flashes.
function syncHead(was, now) {
  const parts = (head) => [...head.children].filter((e) => e.localName !== "script" && e.localName !== "title" && !e.matches("link[rel~=stylesheet]"));
  const [old, next, live] = [parts(was.head), parts(now.head), parts(document.head)];
  for (const e of old) {
    if (!next.some((n) => n.isEqualNode(e))) live.find((l) => l.isEqualNode(e))?.remove();
  }
  for (const e of next) {
    if (!old.some((o) => o.isEqualNode(e))) document.head.append(document.importNode(e, true));
  }
  if (document.title !== now.title) document.title = now.title;
  const before = new Map(sheetsOf(was).map((link) => [withoutQuery(link), link.getAttribute("href")]));
  for (const link of sheetsOf(now)) {
    const path = withoutQuery(link);
    if (before.get(path) === link.getAttribute("href")) continue;
    const shown = sheetsOf(document).find((l) => !l.docserveNext && urlOf(l.href)?.pathname === urlOf(path)?.pathname);
    if (shown) swapSheet(shown, urlOf(link.getAttribute("href")).href);
  }
}

// show puts a fetched document in the place of the one that is shown.
function show(now) {
  const was = source || document;
  const reason = reasonToReload(was, now);
  if (reason) {
    console.debug("docserve: reloading, as " + reason);
    reload();
    return false;
  }
  const begin = performance.now();
  syncAttributes(document.documentElement, was.documentElement, now.documentElement);
  syncHead(was, now);
  sync(document.body, was.body, now.body);
  if (was === document) {
    // The box is hidden in the text, for browsers without scripts.
    const box = document.getElementById("searchbox");
    if (box) box.style.display = "block";
  }
  source = now;
  const tag = clientIn(now);
  me.hash = tag.dataset.hash;
  script.dataset.hash = me.hash;
  announce({ kind: "update", hash: me.hash, ms: performance.now() - begin });
  return true;
}

// load fetches the page as it is now. A null document means that there is no
// use in looking: docserve does not answer, or it is no page of ours.
async function load() {
  try {
    const answer = await fetch(address(), { cache: "no-store" });
    const doc = parse(await answer.text());
    return { ok: answer.ok, status: answer.status, doc: clientIn(doc) ? doc : null };
  } catch {
    return { ok: false, status: 0, doc: null };
  }
}

let wanted = null; // the newest update that is not shown yet
let busy = false;

// refresh shows the page as it is now. Calls while it is at work add up to one.
async function refresh(message) {
  wanted = message;
  if (busy) return;
  busy = true;
  while (wanted) {
    const { hash } = wanted;
    wanted = null;
    if (hash && hash === me.hash) continue;
    const [got] = await Promise.all([load(), me.stand || withIdiomorph()]);
    if (wanted && got.status === 0) continue;
    take(got);
  }
  busy = false;
}

// take makes the best of an answer.
function take({ ok, status, doc }) {
  if (doc) me.token = clientIn(doc).dataset.token;
  if (me.stand) {
    if (ok || (me.stand === "waiting" && status === 404)) reload();
    return;
  }
  if (status === 404 || (ok && !doc)) reload();
  else if (ok && clientIn(doc).dataset.hash !== me.hash) show(doc);
}
