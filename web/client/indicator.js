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
  const host = document.createElement("docserve-indicator");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.innerHTML = `<style></style><div class="box"><ul hidden></ul><button type="button" aria-expanded="false"><i></i><b role="status"></b><span class="note"></span></button></div>`;
  shadow.querySelector("style").textContent = sheet;
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
