// The indicator says how true the page is: nothing but a faint dot when it is up
// to date and nothing is wrong with it. It lives in a shadow tree beside the
// body, where themes cannot style it and updates of the page do not touch it.
const host = document.createElement("docserve-indicator");
const shadow = host.attachShadow({ mode: "open" });
shadow.innerHTML = `<div class="box">
<section class="panel" role="dialog" aria-labelledby="title" tabindex="-1" hidden><header><h2 id="title"></h2><button class="x" type="button" aria-label="Close">×</button></header>
<div class="body" tabindex="-1"></div><footer><label><input type="checkbox">Follow edits</label><a target="docserve">Status</a></footer></section>
<aside class="offer" role="status" hidden><span></span><button class="go" type="button">Go there</button><button class="x" type="button" aria-label="Dismiss">×</button></aside>
<aside class="card" hidden><div><button class="text" type="button"></button><a class="go"></a></div><button class="x" type="button" aria-label="Dismiss">×</button></aside>
<button class="pill" type="button" aria-expanded="false" aria-haspopup="dialog"><i></i><b></b><span class="note"></span><s></s></button>
<div class="live" role="status"></div></div>`;
const part = (selector) => shadow.querySelector(selector);
part("footer a").href = home;
// Not a style element: a page's content security policy may forbid those.
shadow.adoptedStyleSheets = [new CSSStyleSheet()];
shadow.adoptedStyleSheets[0].replaceSync(sheet);

// make is an element of a name, with properties and children.
const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter(Boolean));
  return element;
};

const counted = (n, noun) => n + " " + noun + (n === 1 ? "" : "s");
const tallied = ({ errors = 0, warnings = 0 }) =>
  [errors && counted(errors, "error"), warnings && counted(warnings, "warning")].filter(Boolean).join(", ");

// storage is what a tab remembers; nothing, where that is forbidden.
const storage = {
  get(key) {
    try {
      return JSON.parse(sessionStorage.getItem("docserve:" + key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem("docserve:" + key, JSON.stringify(value));
    } catch {
      // The next page has to do without.
    }
  },
};

const indicator = (() => {
  const labels = {
    fresh: "Up to date", building: "Building", provisional: "Provisional",
    failed: "Failed", disconnected: "Disconnected",
  };
  const hints = {
    provisional: "Shown before the whole site was read: links and numbers may change.",
    away: "docserve does not answer. This page catches up when it does.",
    deaf: "No websocket gets through. This page catches up every other second.",
  };
  hints.disconnected = hints.away;
  const [box, pill, label, note, live] = [".box", ".pill", ".pill b", ".note", ".live"].map(part);

  let now = { state: "fresh", note: "", done: 0, total: 0 };
  let tally = {};
  let online = true;
  let timer = 0;
  let awaited = ""; // the state that the timer is for

  // What passes within this time is not worth a flicker: a page is mostly
  // there sooner, and a restart of the server is mostly over. Nor is it worth a
  // frame: whatever is written into the document asks for one, and the next, 16 ms
  // later, would be that in which the page changes. So what there is to say while the
  // page is being fetched waits for it, for 50 ms.
  const patience = { note: 150, building: 150, disconnected: 1000 };

  const current = () => (online ? now.state : "disconnected");

  let drawn = ""; // the state and the problems that are shown

  function draw() {
    timer = 0;
    const state = current();
    const wrong = tallied(tally);
    const warned = wrong && state === "fresh";
    const text = state === "disconnected" ? "" : now.note;
    drawn = state + wrong;
    box.className = "box " + state + (warned ? " warned" : "") + (warned && tally.errors ? " erred" : "");
    host.dataset.state = state;
    label.textContent = (warned || state === "failed") && wrong || labels[state] || state;
    note.textContent = text;
    box.style.setProperty("--done", state !== "fresh" && now.total ? (100 * now.done) / now.total + "%" : 0);
    pill.title = [hints[state] || labels[state], text].filter(Boolean).join("\n");
    pill.setAttribute("aria-label", "docserve: " + [labels[state], wrong].filter(Boolean).join(", "));
    if (host.parentNode !== document.documentElement) document.documentElement.append(host);
    const detail = standInDetail();
    host.hidden = Boolean(detail) && online; // docserve's own pages say it themselves
    if (detail && online && !wrong) detail.textContent = text;
    // Each save builds something: only what stays is worth saying aloud.
    if (state !== "building") say([state === "fresh" && wrong ? "" : labels[state], wrong].filter(Boolean).join(", "));
  }

  let said = "Up to date";
  function say(text) {
    if (text !== said) live.textContent = said = text;
  }

  function change() {
    const state = current();
    const wait = state + tallied(tally) === drawn ? patience.note : patience[state] || busy && 50;
    if (timer && wait && state === awaited) return;
    clearTimeout(timer);
    awaited = state;
    if (wait) timer = setTimeout(draw, wait);
    else draw();
  }

  // The page may be dark or light whatever the system is.
  const follow = () => {
    const themes = [document.body, document.documentElement].map((e) => e.dataset.theme || e.dataset.bsTheme);
    host.dataset.scheme = themes.find((theme) => theme === "light" || theme === "dark") || "";
  };
  follow();
  const watcher = new MutationObserver(follow);
  for (const e of [document.body, document.documentElement]) {
    watcher.observe(e, { attributeFilter: ["data-theme", "data-bs-theme"] });
  }

  return {
    show(message) {
      now = { state: message.state || now.state, note: message.note || "", done: message.done, total: message.total };
      change();
    },
    count(problems) {
      tally = problems;
      change();
    },
    // deaf says whether docserve answers, though no socket gets through to it.
    deaf(yes) {
      hints.disconnected = hints[yes ? "deaf" : "away"];
      change();
    },
    online(yes) {
      if (yes === online) return;
      online = yes;
      change();
    },
  };
})();

// standInDetail is where docserve's own pages say what is wrong.
function standInDetail() {
  return me.stand && document.getElementById("docserve-detail");
}
