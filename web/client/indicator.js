// The indicator says how true the page is: nothing but a faint dot when it is up
// to date. It lives in a shadow tree beside the body, where themes cannot style
// it and updates of the page do not touch it.
const indicator = (() => {
  const labels = {
    fresh: "Up to date", building: "Building", provisional: "Provisional",
    failed: "Failed", disconnected: "Disconnected",
  };
  const hints = {
    provisional: "Shown before the whole site was read: links and numbers may still change.",
    disconnected: "docserve does not answer. This page catches up as soon as it does.",
  };
  const style = `
:host { all: initial; position: fixed; z-index: 2147483000; right: 12px; bottom: 12px; display: block; color-scheme: light dark;
  --ink: #1f2533; --soft: #5f6980; --card: #fffffff2; --line: #d9dee8; --mark: #3fae6a; }
@media (prefers-color-scheme: dark) { :host { --ink: #e8ebf2; --soft: #9aa4b8; --card: #1d222df2; --line: #3a4254; } }
:host([hidden]) { display: none }
@media print { :host { display: none } }
.fresh { --mark: #3fae6a } .building { --mark: #3b7cf6 } .provisional { --mark: #e0a11b } .failed { --mark: #e0434f } .disconnected { --mark: #8b94a7 }
.box { display: flex; flex-direction: column; align-items: flex-end; gap: 8px; font: 12.5px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink); }
button { all: unset; box-sizing: border-box; display: flex; align-items: center; gap: 7px; max-width: min(420px, calc(100vw - 24px)); padding: 5px 11px 5px 9px; cursor: default;
  border: 1px solid var(--line); border-radius: 99px; background: var(--card); box-shadow: 0 2px 10px rgb(0 0 0 / .13); }
button:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
.more button { cursor: pointer }
i { flex: none; width: 8px; height: 8px; border-radius: 50%; background: var(--mark); }
b { font-weight: 600; white-space: nowrap; }
.note { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--soft); font-variant-numeric: tabular-nums; }
.note:empty { display: none; }
.fresh button { padding: 4px; border-color: transparent; background: none; box-shadow: none; opacity: .45; }
.fresh b, .fresh .note { display: none; }
.building i { animation: beat 1.1s ease-in-out infinite; }
@keyframes beat { 50% { opacity: .3; transform: scale(.75) } }
@media (prefers-reduced-motion: reduce) { .building i { animation: none } }
ul { box-sizing: border-box; width: min(620px, calc(100vw - 24px)); max-height: min(46vh, 420px); margin: 0; padding: 4px 0; overflow: auto; list-style: none;
  border: 1px solid var(--line); border-left: 3px solid var(--mark); border-radius: 8px; background: var(--card); box-shadow: 0 6px 28px rgb(0 0 0 / .2); }
ul[hidden] { display: none; }
li { padding: 6px 14px; font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
li + li { border-top: 1px solid var(--line); }`;

  const host = document.createElement("docserve-indicator");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.innerHTML = `<style></style><div class="box"><ul hidden></ul><button type="button" aria-expanded="false"><i></i><b role="status"></b><span class="note"></span></button></div>`;
  shadow.querySelector("style").textContent = style;
  const [box, list, button, label, note] = ["div", "ul", "button", "b", ".note"].map((s) => shadow.querySelector(s));

  let now = { state: "fresh", note: "", errors: [] };
  let online = true;
  let timer = 0;

  // What passes within this time is not worth a flicker: a page is mostly
  // there sooner, and a restart of the server is mostly over.
  const patience = { building: 150, disconnected: 1000 };

  function draw() {
    timer = 0;
    const state = online ? now.state : "disconnected";
    const errors = state === "failed" ? now.errors : [];
    const text = state === "disconnected" ? "" : now.note;
    const count = errors.length > 1 ? `${errors.length} errors` : "Failed";
    box.className = "box " + state + (errors.length ? " more" : "");
    host.dataset.state = state;
    label.textContent = state === "failed" ? count : labels[state] || state;
    note.textContent = text || (errors.length ? errors[0].split("\n")[0] : "");
    button.title = [hints[state] || labels[state], text].filter(Boolean).join("\n");
    list.replaceChildren(...errors.map((error) => Object.assign(document.createElement("li"), { textContent: error })));
    if (!errors.length) open(false);
    if (host.parentNode !== document.documentElement) document.documentElement.append(host);
    const detail = me.stand && document.getElementById("docserve-detail");
    host.hidden = Boolean(detail) && online; // docserve's own pages say it themselves
    if (detail && online) detail.textContent = errors.join("\n\n") || text;
  }

  function open(yes) {
    list.hidden = !yes;
    button.setAttribute("aria-expanded", String(yes));
  }

  function change() {
    const state = online ? now.state : "disconnected";
    const wait = state === host.dataset.state ? 0 : patience[state] || 0;
    clearTimeout(timer);
    timer = 0;
    if (wait) timer = setTimeout(draw, wait);
    else draw();
  }

  button.addEventListener("click", () => open(list.hidden && now.errors.length > 0));
  shadow.addEventListener("keydown", (event) => event.key === "Escape" && open(false));

  return {
    show(state, text, errors) {
      now = { state: state || now.state, note: text || "", errors: errors || [] };
      change();
    },
    online(yes) {
      if (yes === online) return;
      online = yes;
      change();
    },
  };
})();
