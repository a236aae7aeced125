// Reports through the binding docserveBench the newest mark of the benchmark
// that this document shows, and the hash of the page's bytes if docserve gives
// one, once a frame with them has been painted. It looks at most once a frame:
// before that nothing can have been painted anyway.
(() => {
  if (window !== window.top) return;
  const marks = /zqbench([0-9]+)/g;
  let reported = { mark: 0, hash: "" };
  let scheduled = false;

  const look = () => {
    scheduled = false;
    const root = document.documentElement;
    let newest = 0;
    for (const found of root ? root.textContent.matchAll(marks) : []) {
      newest = Math.max(newest, Number(found[1]));
    }
    const hash = document.querySelector("script[data-hash]")?.dataset.hash || "";
    if (newest < reported.mark || newest === 0) return;
    if (newest === reported.mark && hash === reported.hash) return;
    reported = { mark: newest, hash };
    // A message posted from a frame's callback arrives after its painting.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => window.docserveBench(`${newest} ${hash}`);
    channel.port2.postMessage(null);
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(look);
  };
  new MutationObserver(schedule).observe(document, {
    childList: true,
    subtree: true,
    characterData: true,
    attributeFilter: ["data-hash"],
  });
  schedule();
})();
