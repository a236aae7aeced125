// How news comes: as events, and where they do not get through, by asking again.
const every = 1000; // ms between two questions, while somebody looks
let feed = null;
let heard = 0; // when the last event came
let timer = 0;

function take(next) {
  status = next;
  draw();
}

function draw() {
  const was = scrollY;
  drawOverview(status);
  drawBuilds(status);
  drawWarnings(status);
  drawVerify(status);
  drawPicture(status);
  if (scrollY !== was) scrollTo({ top: was, behavior: "instant" });
}

async function refresh() {
  try {
    const answer = await fetch("status", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    take(await answer.json());
  } catch {
    lost();
  }
}

function lost() {
  document.documentElement.className = "disconnected";
  say($("headline"), "docserve does not answer");
}

// hush ends the connection of a page that nobody sees: a browser has six to one
// server, and without one left no page of the site would load.
function hush() {
  feed?.close();
  feed = null;
  heard = 0;
}

function listen() {
  hush();
  if (document.visibilityState !== "visible") return;
  feed = new EventSource("events");
  feed.addEventListener("status", (event) => {
    heard = Date.now();
    take(JSON.parse(event.data));
  });
  feed.addEventListener("error", () => {
    heard = 0;
    if (feed.readyState === EventSource.CLOSED) feed = null; // it will not try again
  });
}

// tick asks when no events come. What was heard by an event stays true until the
// next one, as long as the connection is there.
async function tick() {
  clearTimeout(timer);
  if (document.visibilityState === "visible" && !(feed?.readyState === EventSource.OPEN && heard)) await refresh();
  timer = setTimeout(tick, every);
}

$("filters").hidden = false;
$("buttons").hidden = false;
$("graph").hidden = false;
listen();
tick();
openPlace();
addEventListener("pagehide", hush);
addEventListener("pageshow", (event) => event.persisted && (listen(), tick()));
document.addEventListener("visibilitychange", () => {
  listen();
  tick();
});
