// The connection to docserve, and what it says.
let socket = null;
let epoch = null; // the last that was heard of; null: only what the page itself says is known
let failures = 0;
let retry = 0;

// docserve has another token each time it is started; whoever says an old one
// is sent away with this code and finds the new one in the page.
const oldToken = 4401;

let greeting = false; // nothing has been said of the state since our hello

// hello says what the page shows, if there is a connection.
function hello() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const message = { page: me.page, hash: me.hash, token: me.token, seen: !document.hidden, follow: following.on() };
  greeting = true;
  if (epoch === null) message.age = Math.round(performance.now());
  else message.epoch = epoch;
  socket.send(JSON.stringify(message));
}

function receive(message) {
  failures = 0;
  indicator.online(true);
  epoch = message.epoch;
  if (message.state || message.note) indicator.show(message);
  overlay.tell(message, greeting);
  if (message.state) greeting = false;
  switch (message.kind) {
    case "edited": return following.edited(message);
    case "update": return refresh(message);
    // Asked for now, the page comes as soon as it is written.
    case "status": return message.page && message.state === "building" && !document.hidden && !me.stand && refresh(message);
    case "style": return swapStyles(message.paths || []);
    case "image": return refreshImages(message.paths || []);
    case "reload": return me.stand ? refresh(message) : reload();
  }
}

function connect() {
  clearTimeout(retry);
  if (socket) return;
  const url = new URL("ws", home);
  url.protocol = url.protocol.replace("http", "ws");
  const mine = new WebSocket(url);
  socket = mine;
  mine.onopen = hello;
  mine.onmessage = (event) => receive(JSON.parse(event.data));
  mine.onclose = (event) => {
    if (socket !== mine) return;
    socket = null;
    lost(event.code);
  };
}

// lost tries again: at once at first, as docserve may just be starting anew, then
// every two seconds. Where no socket gets through, the page itself still may.
async function lost(code) {
  indicator.online(false);
  const wait = Math.min(50 * 2 ** failures++, 2000);
  if (code === oldToken) epoch = 0; // of the new run, all is news
  if (code === oldToken || failures > 5 && !document.hidden) {
    const got = await load();
    indicator.deaf(got.doc);
    if (code === oldToken || got.doc) take(got);
  }
  clearTimeout(retry);
  retry = setTimeout(connect, wait);
}

function leave() {
  clearTimeout(retry);
  const old = socket;
  socket = null;
  old?.close();
}

// A page that waits for its text asks for it also without a socket: a proxy may
// not let one through.
async function poll() {
  take(await load());
  setTimeout(poll, 1000);
}

// start shows the state that the page came with, and connects.
function start() {
  indicator.show({ state: script.dataset.state, note: script.dataset.note });
  if (!following.arrive()) restorePlace();
  connect();
  // With an open socket the page would not be kept for the way back.
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && connect());
  // Timers sleep in tabs that nobody sees.
  document.addEventListener("visibilitychange", () => {
    hello();
    if (!document.hidden) connect();
  });
  addEventListener("online", connect);
  if (me.stand === "waiting") setTimeout(poll, 1000);
  if (me.stand) return;
  // The rest is not needed before the first update, and must not delay the page.
  afterLoad(() => (window.requestIdleCallback || setTimeout)(recall));
}

start();
