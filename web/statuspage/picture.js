// The graph around one document, or one file, as a picture: left, or above where
// there is little room, what it depends on; right, or below, what depends on it.
// The place in the picture is the address's fragment, so that the browser's own
// way back works, and a place can be kept as a bookmark.
const narrow = 620; // px of width below which the layers lie one upon another
const most = 24; // nodes of a layer that are drawn; the words have all of them
const tall = 42, gap = 10; // px: a node, and between two
let place = null; // what is in the middle, as the server told it
let wanted = null; // what was asked for last; what was asked for before comes too late
let drawn = ""; // the status for which that was

// What a document does with a file, and what happens to the file.
const verbs = {
  include: ["includes", "included"], literalinclude: ["quotes", "quoted"], table: ["tabulates", "tabulated"], image: ["shows", "shown"],
  download: ["offers", "offered"], module: ["documents", "documented"], catalog: ["is translated by", "translates it"], other: ["uses", "used"],
};
const does = (kind) => `${verbs[kind]?.[0] || kind} it`;
const suffers = (kind) => verbs[kind]?.[1] || kind;

async function openPlace() {
  const [kind, name] = location.hash.slice(1).split("=");
  if ((kind !== "doc" && kind !== "file") || !name) {
    if (!place && status?.root) await loadPlace("doc", status.root);
    return;
  }
  await loadPlace(kind, decodeURIComponent(name));
  $("graph").scrollIntoView({ block: "nearest" });
}

// loadPlace asks for the surroundings of a document or a file.
async function loadPlace(kind, name) {
  const mine = [kind, name];
  wanted = mine;
  let answer;
  try {
    const question = kind === "doc" ? "doc=" : "query=rdeps&depth=1&file=";
    const heard = await fetch(`graph?${question}${encodeURIComponent(name)}`, { cache: "no-store" });
    answer = await heard.json();
  } catch {
    return; // docserve does not answer, which is said elsewhere
  }
  if (wanted !== mine) return;
  if (kind === "file" && answer.result?.[0]?.doc) return loadPlace("doc", answer.result[0].doc); // it is the source of one
  $("graph-near").replaceChildren(...(answer.near || []).map(documentLink));
  if (answer.error) {
    wanted = place ? [place.doc ? "doc" : "file", place.doc || place.file] : null;
    say($("graph-why"), `${answer.error}${answer.near?.length ? "; did you mean one of these?" : "."}`);
    return;
  }
  const walked = place !== null && document.activeElement?.closest?.("#picture") !== null;
  place = kind === "doc" ? answer : aroundFile(answer.result[0]);
  showPlace();
  if (walked) $("picture").querySelector(".middle")?.focus();
}

// aroundFile gives the answer about a file the form of that about a document.
const aroundFile = (file) => ({ file: file.path, name: file.name, dependents: (file.below || []).map((n) => ({ doc: n.doc || n.name, kind: n.kind })) });

// layers gives the nodes on both sides of what is in the middle.
function layers() {
  const left = (place.depends || []).map((d) => ({
    name: d.doc || d.name, note: suffers(d.kind) + (d.missing ? ", missing" : ""), to: d.doc ? placeOf("doc", d.doc) : placeOf("file", d.path), doc: Boolean(d.doc),
  }));
  const right = (place.dependents || []).map((d) => ({ name: d.doc, note: does(d.kind), to: placeOf("doc", d.doc), doc: true }));
  return [left, right];
}

// reasons says why the document was read, and its page written, last.
function reasons({ read, written, checked }) {
  const line = (did, event) => `${did} at ${clock(event.time)}: ${event.text}.`;
  if (read && written && read.text === written.text) read = null; // the page follows its document
  return [read && line("Read", read), written && line(read ? "Written" : "Read and written", written),
    checked && line("Found to be up to date", checked)].filter(Boolean).join(" ");
}

function showPlace() {
  const name = place.doc || place.name;
  const [left, right] = layers();
  if (document.activeElement !== $("graph-name")) $("graph-name").value = name;
  say($("graph-why"), reasons(place.why || {}));
  const group = (title, nodes, none) => [element("h3", null, title), nodes.length
    ? element("ul", { className: "rows" }, ...nodes.map((n) => element("li", null, element("a", { href: n.to }, n.name), ` (${n.note})`)))
    : element("p", { className: "none" }, none)];
  $("graph-text").replaceChildren(...group(`What ${name} depends on`, left, "Nothing but its own text."),
    ...group(`What depends on ${name}`, right, "Nothing."));
  paint(name, left, right);
}

const svg = (name, attributes, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

// fit shortens a name at its beginning, since its end says more. Letters have
// about 7.2 px in the picture's type.
function fit(name, width) {
  const room = Math.max(6, Math.floor((width - 20) / 7.2));
  return name.length > room ? "…" + name.slice(1 - room) : name;
}

// arrange gives each node its place, and returns the size of the whole.
function arrange(width, left, middle, right) {
  if (width < narrow) {
    let y = 0;
    for (const node of [...left, middle, ...right]) {
      if (node === middle && left.length || node === right[0]) y += 14;
      Object.assign(node, { x: node === middle ? 0 : 26, y, w: width - (node === middle ? 0 : 26) });
      y += tall + gap;
    }
    return y - gap;
  }
  const column = Math.min(280, (width - 2 * 64) / 3);
  const height = Math.max(left.length, right.length, 1) * (tall + gap) - gap;
  const put = (nodes, x) => nodes.forEach((node, i) => {
    const top = (height - (nodes.length * (tall + gap) - gap)) / 2;
    Object.assign(node, { x, y: top + i * (tall + gap), w: column });
  });
  put(left, 0);
  put([middle], (width - column) / 2);
  put(right, width - column);
  return height;
}

function edge(from, to, wide) {
  const y1 = from.y + tall / 2, y2 = to.y + tall / 2;
  if (wide) {
    const x1 = from.x + from.w, x2 = to.x - 6, bend = (x2 - x1) / 2;
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  }
  const outer = from.x > to.x ? from : to; // beside the nodes, and into the middle's edge
  return outer === from
    ? `M${from.x} ${y1}H18Q10 ${y1} 10 ${y1 + 8}V${to.y - 6}`
    : `M10 ${from.y + tall}V${y2 - 8}Q10 ${y2} 18 ${y2}H${to.x - 6}`;
}

function paintNode(node, className, said) {
  const box = svg("g", { class: `node ${className}`, transform: `translate(${node.x} ${node.y})`, tabindex: className === "middle" ? 0 : -1,
    role: node.to ? "link" : "img", "aria-label": said });
  box.append(svg("title", {}, said), svg("rect", { width: node.w, height: tall, rx: 7 }),
    svg("text", { x: 10, y: 18, class: "name" }, fit(node.name, node.w)), svg("text", { x: 10, y: 33, class: "kind" }, node.note));
  box.node = node;
  return box;
}

// cut leaves out what would make a layer endless.
function cut(nodes) {
  const shown = nodes.slice(0, most);
  if (nodes.length > most) shown.push({ name: `${nodes.length - most} more`, note: "see the words below", to: "" });
  return shown;
}

function paint(name, allLeft, allRight) {
  const picture = $("picture");
  const width = Math.max(240, picture.clientWidth);
  const [left, right] = [cut(allLeft), cut(allRight)];
  const middle = { name, note: place.doc ? "document" : "file", to: place.path ? pageAddress(place.path) : "" };
  const height = arrange(width, left, middle, right);
  const wide = width >= narrow;
  const whole = svg("svg", { width, height: height + 4, viewBox: `-2 -2 ${width + 4} ${height + 4}`, role: "group",
    "aria-label": `${name}: depends on ${plural(allLeft.length, "file")}; ${plural(allRight.length, "document")} depend on it` });
  const tip = svg("marker", { id: "tip", viewBox: "0 0 8 8", refX: 2, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, svg("path", { d: "M0 0L8 4L0 8z" }));
  whole.append(svg("defs", {}, tip));
  for (const node of left) whole.append(svg("path", { class: "edge", d: edge(node, middle, wide), "marker-end": "url(#tip)" }));
  for (const node of right) whole.append(svg("path", { class: "edge", d: edge(middle, node, wide), "marker-end": "url(#tip)" }));
  for (const node of left) whole.append(paintNode(node, node.doc ? "doc" : "file", `${node.name}, ${node.note}`));
  whole.append(paintNode(middle, "middle", `${name}, in the middle`));
  for (const node of right) whole.append(paintNode(node, "doc", `${node.name}, ${node.note}`));
  picture.replaceChildren(whole);
  picture.dataset.width = width;
  Object.assign(picture, { left, middle, right });
}

// beside returns the node that an arrow key leads to.
function beside(node, key) {
  const { left, middle, right } = $("picture");
  const wide = Number($("picture").dataset.width) >= narrow;
  const nearest = (nodes) => nodes.toSorted((a, b) => Math.abs(a.y - node.y) - Math.abs(b.y - node.y))[0];
  if (!wide) {
    const all = [...left, middle, ...right];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[key];
    return all[all.indexOf(node) + step];
  }
  const columns = [left, [middle], right];
  const at = columns.findIndex((column) => column.includes(node));
  if (key === "ArrowLeft" || key === "ArrowRight") return nearest(columns[at + (key === "ArrowLeft" ? -1 : 1)] || []);
  const column = columns[at];
  return column[column.indexOf(node) + (key === "ArrowDown" ? 1 : -1)];
}

// follow walks to a node; from the middle to its page.
const follow = (node) => node.to && location.assign(node.to);

$("picture").addEventListener("keydown", (event) => {
  const node = event.target.closest(".node")?.node;
  if (!node || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key.startsWith("Arrow") || event.key === "Home") {
    const next = event.key === "Home" ? $("picture").middle : beside(node, event.key);
    for (const box of $("picture").querySelectorAll(".node")) if (box.node === next) box.focus();
  } else if (event.key === "Enter" || event.key === " ") {
    follow(node);
  } else if (event.key === "Backspace") {
    history.back();
  } else return;
  event.preventDefault();
});

$("picture").addEventListener("click", (event) => {
  const node = event.target.closest(".node")?.node;
  if (node) follow(node);
});

$("graph-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("graph-name").value.trim();
  if (name) location.hash = placeOf(/\.\w+$/.test(name) ? "file" : "doc", name);
});

addEventListener("hashchange", openPlace);
new ResizeObserver(() => {
  if (place && $("picture").clientWidth !== Number($("picture").dataset.width)) showPlace();
}).observe($("picture"));

// drawPicture asks again when something was built: dependencies may be others.
function drawPicture(s) {
  const now = JSON.stringify([s.changes, s.settled, s.documents]);
  if (drawn !== now && wanted) loadPlace(...wanted);
  else if (drawn !== now) openPlace();
  drawn = now;
}
