// A page is updated by comparing what it was made from with what it is to be
// made from, and doing to the document just what differs. What scripts have done
// to the rest of the document since then stays. First everything is planned, then
// everything is done, so that a page which turns out not to be safe is reloaded
// untouched.

class Unsafe extends Error {}

// Plain elements mean nothing to any script that is common on documentation
// pages, as long as they have none but the classes below, and are not part of a
// table of contents (which scroll spies know by heart).
const plainNames = /^(p|a|em|strong|code|span|i|b|s|u|br|hr|kbd|samp|sub|sup|abbr|cite|q|var|small|ul|ol|li|dl|dt|dd|blockquote)$/;
const plainClass = /^(reference|internal|external|headerlink|docutils|literal|literal-block-wrapper|notranslate|pre|simple|arabic|loweralpha|upperalpha|lowerroman|upperroman|xref|any|doc|download|term|keyword|option|envvar|numref|eq|guilabel|menuselection|accelerator|file|command|program|kbd|mailheader|mimetype|newsgroup|makevar|manpage|regexp|title-ref|versionmodified|added|changed|deprecated|line|classifier|(std|py|c|cpp|js|rst)(-[a-z]+)?)$/;
const landmarks = "nav, aside, [role=navigation], .toctree-wrapper, .sidebar, .sphinxsidebar";

const isPlain = (node) => {
  if (node.nodeType !== Node.ELEMENT_NODE) return true;
  return [node, ...node.querySelectorAll("*")].every(
    (e) => plainNames.test(e.localName) && [...e.classList].every((name) => plainClass.test(name)) &&
      [...e.attributes].every(({ name }) => /^(class|href|id|title|start|type|lang)$/.test(name)),
  );
};

// unwrapped is the element around which a script has put another one.
const wraps = ".wy-table-responsive, .mermaid-container";
const unwrapped = (live, was) =>
  live.matches(wraps) && !was.matches(wraps) && live.querySelector(":scope > table, :scope > .mermaid") || live;

// standsFor says whether a node of the document is that of an old text. Scripts
// give an element an id or classes, or wrap it.
const standsFor = (live, old) => {
  if (live.nodeType !== Node.ELEMENT_NODE) return live.nodeName === old.nodeName && live.data === old.data;
  const e = unwrapped(live, old);
  return e.nodeName === old.nodeName && (!old.id || e.id === old.id) && [...old.classList].every((name) => e.classList.contains(name));
};

// liveNodes finds the nodes of the document that stand for the children of an
// element's old text. Scripts may have put others between them; null means that
// they have done more than that.
function liveNodes(live, old) {
  const shown = [...live.childNodes];
  if (shown.length === old.length && shown.every((node, i) => node.nodeName === old[i].nodeName)) return shown;
  let at = 0;
  const found = old.map((node) => {
    while (at < shown.length && !standsFor(shown[at], node)) at++;
    return shown[at++];
  });
  return found.includes(undefined) ? null : found;
}

// keyOf is the same for nodes of two texts that are the same: an element with an
// id is itself whatever is in it, unless it is one of those whose ids are counted
// through the page.
const keyOf = (node) =>
  node.nodeType !== Node.ELEMENT_NODE ? node.nodeName + node.data
    : node.id && !node.matches("input, button, [role=tabpanel]") ? `${node.nodeName}#${node.id}`
      : `${node.nodeName}.${node.className} ${node.textContent}`;

// align returns pairs of indices of a longest common subsequence. Of several that
// are as long it is the last: what comes first in a group says less than what
// follows, as the button of a tab does of its name.
function align(old, next) {
  const [rows, columns] = [old.length, next.length];
  if (!rows || !columns || rows * columns > 1e6 || (rows === 1 && columns === 1)) return [];
  const [a, b] = [old.map(keyOf), next.map(keyOf)];
  const width = columns + 1;
  const best = new Uint16Array((rows + 1) * width); // of what lies before i and j
  for (let i = 1; i <= rows; i++) {
    for (let j = 1; j <= columns; j++) {
      best[i * width + j] = a[i - 1] === b[j - 1]
        ? 1 + best[(i - 1) * width + j - 1]
        : Math.max(best[(i - 1) * width + j], best[i * width + j - 1]);
    }
  }
  const pairs = [];
  for (let i = rows, j = columns; i && j;) {
    if (a[i - 1] === b[j - 1]) pairs.unshift([--i, --j]);
    else if (best[(i - 1) * width + j] >= best[i * width + j - 1]) i--;
    else j--;
  }
  return pairs;
}

// Who looks after a change: nobody else; scripts that are known, of which setUp
// does the work; or scripts that are not.
const alone = 0, among = 1, guarded = 2;

// Plan is the list of steps that make of the old text's document the new one's.
class Plan {
  // A guarded plan takes care that scripts of others neither have done anything
  // to what it changes nor would do anything to what it brings in. Among known
  // ones it takes care that what it brings in can be set up.
  constructor(company) {
    this.company = company;
    this.steps = [];
    this.touched = []; // nodes that are new or have another text
  }

  // run takes the steps, and returns what they have changed.
  run() {
    keepChosen(() => {
      for (const step of this.steps) step();
    });
    if (this.company === among) setUp();
    return this.touched;
  }

  // put has one node take the place of another, or stand before it.
  put(now, place) {
    const node = document.importNode(now, true);
    place(node);
    this.touched.push(node);
  }

  check(ok, why) {
    if (this.company !== alone && !ok) throw new Unsafe(why);
  }

  // passes says whether an element may come or go without anybody's notice.
  passes(node) {
    return isPlain(node) || this.company === among && isBlock(node);
  }

  // renew puts an element in the place of one that a script has rebuilt.
  renew(live, now) {
    this.steps.push(() => this.put(now, (node) => {
      window.MathJax?.typesetClear?.([live]);
      live.replaceWith(node);
    }));
  }

  // element plans for an element of the document and the two texts of it.
  element(live, was, now) {
    live = unwrapped(live, was);
    if (this.company === among && was.matches(".math") && now.matches(".math")) return this.renew(live, now);
    this.attributes(live, was, now);
    const [old, next] = [[...was.childNodes], [...now.childNodes]];
    let from = 0;
    // Where one element wraps all the rest, going into it costs no more than
    // comparing it; comparing at each level of a page would.
    const wraps = old.length === next.length && live.childElementCount === 1 && was.childElementCount === 1 && now.childElementCount === 1;
    const differ = (a, b) => wraps && a.nodeType === Node.ELEMENT_NODE && a.nodeName === b.nodeName || !a.isEqualNode(b);
    while (from < old.length && from < next.length && !differ(old[from], next[from])) from++;
    let [oldTo, nextTo] = [old.length, next.length];
    const least = from < Math.min(oldTo, nextTo) && oldTo === nextTo ? from + 1 : from; // the first is known to differ
    while (oldTo > least && nextTo > least && !differ(old[oldTo - 1], next[nextTo - 1])) oldTo--, nextTo--;
    if (from === oldTo && from === nextTo) return;
    const shown = liveNodes(live, old);
    if (!shown) {
      if (this.company === among && isBlock(was) && isBlock(now)) return this.renew(live, now);
      this.check(false, `<${was.nodeName}> differs`);
      this.steps.push(() => morph(live, now));
      return;
    }
    let [o, n] = [from, from];
    const pairs = align(old.slice(from, oldTo), next.slice(from, nextTo)).map(([i, j]) => [from + i, from + j]);
    for (const [i, j] of [...pairs, [oldTo, nextTo]]) {
      // What lies before a pair became each other by position, as far as it goes.
      for (; o < i && n < j; o++, n++) this.child(shown[o], old[o], next[n]);
      for (; o < i; o++) this.remove(shown[o], old[o]);
      for (; n < j; n++) this.insert(live, next[n], shown[i] || null);
      if (i < oldTo && !old[i].isEqualNode(next[j])) this.child(shown[i], old[i], next[j]);
      [o, n] = [i + 1, j + 1];
    }
  }

  child(live, was, now) {
    if (was.nodeName !== now.nodeName) {
      this.check(this.passes(was) && this.passes(now) && !live.closest(landmarks) && (this.company === among || live.isEqualNode(was)), `<${now.nodeName}> is new`);
      this.steps.push(() => this.put(now, (node) => live.replaceWith(node)));
    } else if (now.nodeType === Node.ELEMENT_NODE) {
      this.element(live, was, now);
    } else if (was.data !== now.data) {
      this.check(live.data === was.data, "a text differs");
      this.steps.push(() => {
        live.data = now.data;
        this.touched.push(live);
      });
    }
  }

  remove(live, was) {
    this.check(isPlain(was) && live.isEqualNode(was) || this.company === among && isBlock(was) && !live.closest(landmarks), `<${was.nodeName}> is gone`);
    this.steps.push(() => live.remove());
  }

  insert(parent, now, before) {
    this.check(this.passes(now) && (now.nodeType !== Node.ELEMENT_NODE || !parent.closest(landmarks)), `<${now.nodeName}> is new`);
    this.steps.push(() => this.put(now, (node) => parent.insertBefore(node, before)));
  }

  attributes(live, was, now) {
    const names = new Set([...was.attributes, ...now.attributes].map(({ name }) => name));
    for (const name of names) {
      const [old, next] = [was.getAttribute(name), now.getAttribute(name)];
      if (old === next) continue;
      const harmless = this.company === among ? !name.startsWith("on") : /^(class|href|id|title|alt)$/.test(name);
      this.check(harmless && live.getAttribute(name) === old, `${name} differs`);
      this.steps.push(() => (next === null ? live.removeAttribute(name) : live.setAttribute(name, next)));
    }
  }
}

// morph makes live's content that of now, keeping what it can recognise. It is
// for elements that no longer have the shape of the text they were made from.
function morph(live, now) {
  Idiomorph.morph(live, document.importNode(now, true).childNodes, { morphStyle: "innerHTML", restoreFocus: true });
}
