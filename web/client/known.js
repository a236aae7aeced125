// Scripts of common themes and extensions, of which it is known what they do to a
// page. Where no others run, blocks that they set up can be put into the page that
// is shown, and are set up here as they would have been when it was loaded. Of a
// script that is not what it is taken for by its name, its own globals say so.
const knownScripts = [
  [/\/scripts\/(furo|furo-extensions|pydata-sphinx-theme|bootstrap|fontawesome|sphinx-book-theme)\.js$/],
  [/\/js\/(theme|badge_only|html5shiv(-printshiv)?\.min)\.js$/, () => window.SphinxRtdTheme],
  [/(^|\/)_static\/(clipboard\.min|copybutton|copybutton_funcs|design-tabs)\.js$/],
  [/(^|\/)(searchtools|language_data|searchindex)\.js$/, () => !/(^|\/)search(\/index)?\.html$/.test(me.page)],
  [/(^|\/)_static\/tabs\.js$/, () => window.keyTabs || window.labels_by_text],
  [/\/(es5|mathjax(@[^/]*)?)\/[^/]*\.js$/i, () => !window.MathJax || window.MathJax.startup && !MathJax.config?.tex?.tags], // where it numbers, it goes on counting
];
// The beginnings of scripts without a file, which set options and little more.
const knownInline = /^(document\.(body|documentElement)\.dataset\.\w+ = localStorage\.getItem|DOCUMENTATION_OPTIONS\.\w+ = |window\.MathJax = \{|import mermaid from |jQuery\(function \(\) \{\s*SphinxRtdTheme\.Navigation\.enable\(\w+\);\s*\}\);$)/;

const isKnown = (element) => {
  const src = element.getAttribute("src");
  if (src === null) return knownInline.test(element.textContent.trim());
  return knownScripts.some(([name, check]) => name.test(src.split(/[?#]/)[0]) && (!check || check()));
};

// What a block must not hold: what lists of contents are made of, what starts
// something of its own, and what scripts set up that cannot be asked to do so again.
const notBlocks = "script, style, iframe, object, embed, form, section, nav, aside, h1, h2, h3, h4, h5, h6, [role=navigation], .mermaid, .toggle, .tag_margin, .marginnote, .sidenote, .margin, .margin-caption, .full-width, .sidebar, .popout";

// isBlock says whether an element may come and go where only known scripts run.
function isBlock(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return true;
  const all = [node, ...node.querySelectorAll("*")];
  return !all.some((e) => e.matches(notBlocks) || [...e.attributes].some(({ name }) => name.startsWith("on"))) &&
    (!node.matches(copied) && !node.querySelector(copied) || canCopy());
}

// Code has a button if all code on the page has one: other selections cannot be
// told from here, nor what a button looks like where there is none.
const copied = "div.highlight pre";
const buttonOf = (pre) => pre.nextElementSibling?.matches(".copybtn") && pre.nextElementSibling;
const canCopy = () => ![...document.scripts].some((e) => /\/copybutton\.js/.test(e.src)) ||
  document.querySelector(copied + " + .copybtn") && [...document.querySelectorAll(copied)].every(buttonOf);

function addButtons() {
  const sample = document.querySelector(copied + " + .copybtn");
  if (!sample) return;
  let n = document.querySelectorAll(copied).length;
  for (const pre of document.querySelectorAll(copied)) {
    if (buttonOf(pre)) continue;
    while (document.getElementById("codecell" + n)) n++;
    pre.id = "codecell" + n;
    const button = sample.cloneNode(true);
    button.dataset.clipboardTarget = "#" + pre.id;
    button.classList.remove("success");
    pre.after(button);
  }
}

// wrapOf is what the theme of Read the Docs has put around a table.
const wrapOf = (table) => (table.parentElement?.matches(".wy-table-responsive") ? table.parentElement : null);

function wrapTables() {
  if (!window.SphinxRtdTheme) return;
  for (const table of document.querySelectorAll("table.docutils:not(.field-list)")) {
    if (wrapOf(table)) continue;
    const kind = ["footnote", "citation"].find((name) => table.classList.contains(name)) || "";
    const wrap = make("div", { className: ("wy-table-responsive " + kind).trim() });
    table.replaceWith(wrap);
    wrap.append(table);
  }
}

// Tabs of one name change together: their scripts keep lists of them.
function relist(list, key, elements) {
  for (const name of Object.keys(list)) delete list[name];
  for (const e of elements) if (key(e)) (list[key(e)] ||= []).push(e);
}

function tieTabs() {
  if (window.labels_by_text) {
    const labels = document.querySelectorAll(".tab-label");
    for (const label of labels) label.onclick = onLabelClick;
    relist(labels_by_text, (label) => label.textContent, labels);
  }
  if (typeof sd_id_to_elements === "object") {
    const labels = document.querySelectorAll(".sd-tab-label[data-sync-id]");
    relist(sd_id_to_elements, (label) => window.create_key?.(label)?.[2], labels);
    for (const label of labels) {
      if (window.onSDInputChange) document.getElementById(label.htmlFor)?.addEventListener("change", onSDInputChange);
      else if (window.onSDLabelClick) label.onclick = onSDLabelClick;
    }
  }
  if (window.keyTabs) {
    for (const tab of document.querySelectorAll(".sphinx-tabs-tab")) tab.addEventListener("click", changeTabs);
    for (const list of document.querySelectorAll("[role=tablist]")) list.addEventListener("keydown", keyTabs);
  }
}

// Of tabs that are radio buttons one is chosen, and it is the one that was: names
// change with the number of tabs before them, and for a moment two sets have one.
function keepChosen(change) {
  const chosen = [...document.querySelectorAll("input[type=radio]:checked")];
  change();
  for (const e of chosen) if (e.isConnected) e.checked = true;
  for (const tabs of document.querySelectorAll(".sd-tab-set, .tab-set")) {
    const first = tabs.querySelector(":scope > input");
    if (first && !tabs.querySelector(":scope > :checked")) first.checked = true; // the chosen one is gone
  }
}

// setUp does for new parts of the page what scripts have done for the others.
function setUp() {
  addButtons();
  wrapTables();
  tieTabs();
  const jax = window.MathJax;
  if (!jax?.typesetPromise) return;
  // Asked while it loads a command, it takes that for unknown; and a formula that
  // is set it would set again.
  jax.startup.promise = jax.startup.promise.then(() => {
    const math = [...document.querySelectorAll(".math")].filter((e) => !e.querySelector("mjx-container"));
    return math[0] && jax.typesetPromise(math);
  }).catch((error) => console.warn("docserve: MathJax", error));
}
