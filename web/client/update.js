const parse = (text) => new DOMParser().parseFromString(text, "text/html");

let source = null; // what the page was made from; null as long as it is not known

// recall gets the text that the page was made from out of the browser's cache,
// without asking the server.
let recalled = null;
const recall = () => recalled ??= (async () => {
  try {
    const answer = await fetch(address(), { cache: "only-if-cached", mode: "same-origin" });
    const doc = parse(await answer.text());
    if (clientIn(doc)?.dataset.hash === me.hash) source = doc;
  } catch {
    // Not in the cache: updates compare with the document itself.
  }
})();

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
// A swapped sheet has an absolute address, so addresses are compared, not texts.
const withoutQuery = (link) => urlOf(link.getAttribute("href"))?.href.split("?")[0];
const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

// planFor plans how to make the page that is shown that of now. It throws Unsafe
// with the reason, when only loading the page anew leaves it right.
function planFor(was, now) {
  const scripts = [scriptsOf(was), scriptsOf(now)].map((list) => list.map((e) => e.outerHTML));
  if (!same(...scripts)) throw new Unsafe("scripts changed");
  const others = scriptsOf(now).filter((e) => !isOwn(e) && !isData(e));
  const company = !others.length ? alone : others.every(isKnown) ? among : guarded;
  if (company !== alone && was === document) throw new Unsafe("its old text is not known");
  if (!same(sheetsOf(was).map(withoutQuery), sheetsOf(now).map(withoutQuery))) throw new Unsafe("style sheets changed");
  if (document.querySelector("img.toggler")) throw new Unsafe("doctools has tied its rows");
  const plan = new Plan(company);
  plan.attributes(document.documentElement, was.documentElement, now.documentElement);
  plan.element(document.body, was.body, now.body);
  return plan;
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
    const shown = sheetsOf(document).find((l) => !l.docserveOld && withoutQuery(l) === path);
    if (shown) swapSheet(shown, urlOf(link.getAttribute("href")).href);
  }
}

// show puts a fetched document in the place of the one that is shown.
function show(now) {
  const begin = performance.now();
  const was = source || document;
  let touched = [];
  try {
    const plan = planFor(was, now);
    keepEye(() => { touched = plan.run(); });
  } catch (error) {
    if (!(error instanceof Unsafe)) console.error("docserve: cannot update in place", error);
    else console.debug("docserve: reload: " + error.message);
    reload();
    return;
  }
  syncHead(was, now);
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
  highlight(touched.filter((node) => node.isConnected).map(blockOf).filter((e) => !e.closest(landmarks)));
  following.settle(false);
}

// load fetches the page as it is now. A null document means that there is no
// use in looking: docserve does not answer, or it is no page of ours.
async function load() {
  try {
    const answer = await fetch(address(), { cache: "no-store", priority: "high" });
    const doc = parse(await answer.text());
    return { ok: answer.ok, status: answer.status, doc: clientIn(doc) ? doc : null };
  } catch {
    return { status: 0 };
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
    const [got] = await Promise.all([load(), me.stand || recall()]);
    if (wanted && got.status === 0) continue;
    take(got);
    // What could not be had may be there soon, and only docserve knows of which bytes.
    if (!got.ok && got.status !== 404 && !me.stand) setTimeout(hello, 1000);
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
