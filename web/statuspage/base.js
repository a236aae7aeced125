// What all parts of the page use. Each part has a draw function, which gets the
// whole status and changes only what is not yet so: whoever has the focus on a
// row, or has opened one, keeps it.
const token = document.currentScript.dataset.token;
const $ = (id) => document.getElementById(id);

// status is the last that was heard; null before.
let status = null;

// element makes an element with properties, and children, of which text is text.
function element(name, properties, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// rows brings the children of a list to what items say. name gives an item its
// identity; a row of which the item is the same, byte for byte, stays as it is.
function rows(list, items, name, draw, none) {
  const before = new Map([...list.children].map((child) => [child.dataset.name, child]));
  const wanted = items.map((item) => {
    const text = JSON.stringify(item);
    const old = before.get(name(item));
    if (old && old.dataset.is === text) return old;
    const row = draw(item);
    row.dataset.name = name(item);
    row.dataset.is = text;
    if (old instanceof HTMLDetailsElement && row instanceof HTMLDetailsElement) row.open = old.open;
    if (old && old.contains(document.activeElement)) queueMicrotask(() => row.querySelector("summary, a, button")?.focus());
    return row;
  });
  if (!wanted.length && none) wanted.push(element(list.localName === "ul" ? "li" : "p", { className: "none" }, none));
  for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((row, i) => {
    if (list.children[i] !== row) list.insertBefore(row, list.children[i] || null);
  });
}

const say = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

const plural = (n, one, many) => `${n} ${n === 1 ? one : many || one + "s"}`;

// took gives a duration in nanoseconds as people say it.
function took(ns) {
  if (!(ns > 0)) return "–";
  const ms = ns / 1e6;
  if (ms < 1000) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60000)} min ${Math.floor(ms / 1000) % 60} s`;
}

const clock = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

// below gives a path as people know it: relative to the sources, if it is there.
function below(path) {
  const top = (status?.source || "").replace(/[\\/]$/, "");
  if (top && (path.startsWith(top + "/") || path.startsWith(top + "\\"))) path = path.slice(top.length + 1);
  return path.replaceAll("\\", "/");
}

// documentLink leads to the place of a document in the picture.
const documentLink = (doc) =>
  element("a", { href: placeOf("doc", doc), title: "What it depends on, and what depends on it" }, doc);

// pageAddress is where a page of the site is, seen from here.
const pageAddress = (page) => "../" + page.split("/").map(encodeURIComponent).join("/");

const placeOf = (kind, name) => `#${kind}=${encodeURIComponent(name)}`;
