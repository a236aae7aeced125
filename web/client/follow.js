// Who follows is taken to what is being edited. Who does not is told once, in a
// line that goes away by itself.
const following = (() => {
  const [offer, text, box] = [".offer", ".offer span", "footer input"].map(part);
  const stays = 12000; // milliseconds: long enough to be read and thought about
  let timer = 0;
  let target = null;

  box.checked = storage.get("follow") ?? script.dataset.follow !== undefined;

  // pageURL is where a page is seen: without the name of an index, if this page
  // is seen without its own.
  const pageURL = (page) => {
    const bare = location.pathname.endsWith("/") || !/\.html?$/.test(location.pathname);
    return siteURL(bare ? page.replace(/(^|\/)index\.html$/, "$1") : page);
  };

  function hide() {
    clearTimeout(timer);
    offer.hidden = true;
    target = null;
  }

  function go({ page, spot }) {
    storage.set("spot", { page, spot });
    location.assign(pageURL(page).href);
  }

  let pending = null;
  function show(spot) {
    pending = spot;
    if (!busy) following.settle(false);
  }

  box.addEventListener("change", () => {
    storage.set("follow", box.checked);
    hello();
  });
  offer.querySelector(".go").addEventListener("click", () => go(target));
  offer.querySelector(".x").addEventListener("click", hide);

  return {
    on: () => box.checked,
    edited(message) {
      if (message.page === me.page) return show(message.spot);
      if (box.checked) return go(message);
      target = message;
      text.textContent = `${message.page} changed`;
      offer.hidden = false;
      clearTimeout(timer);
      timer = setTimeout(hide, stays);
    },
    // settle shows the place for which an update was waited, once it is there; a
    // page that is loaded anew for it shows it then.
    settle(reloading) {
      if (!pending) return;
      if (reloading) storage.set("spot", { page: me.page, spot: pending });
      else reveal(elementAt(pending));
      pending = null;
    },
    // arrive shows the place for which this page was gone to, and says whether
    // there is one.
    arrive() {
      const { page, spot } = storage.get("spot") || {};
      storage.set("spot", null);
      if (page !== me.page || !spot) return false;
      history.scrollRestoration = "manual"; // or a page that was loaded anew would be scrolled back
      reveal(elementAt(spot));
      afterLoad(() => {
        bring(elementAt(spot)); // images have moved it
        history.scrollRestoration = "auto";
      });
      return true;
    },
  };
})();

// elementAt finds the block in which a text stands, behind the element with an id.
function elementAt({ id, text }) {
  const start = (id && document.getElementById(id)) || document.querySelector("[role=main], main") || document.body;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  walker.currentNode = start;
  for (let node = walker.nextNode(); text && node; node = walker.nextNode()) {
    if (node.data.includes(text)) return blockOf(node);
  }
  return start;
}

// blockOf is the nearest element around a node that has a box of its own.
function blockOf(node) {
  let e = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
  while (e && e !== document.body && /^(inline|contents)$/.test(getComputedStyle(e).display)) e = e.parentElement;
  return e;
}

// bring scrolls to an element, if it is not in view.
function bring(element) {
  const { top, bottom } = element.getBoundingClientRect();
  if (top < 60 || bottom > innerHeight) element.scrollIntoView({ block: bottom - top > innerHeight / 2 ? "start" : "center", behavior: "instant" });
}

// reveal brings an element into view, and marks it.
function reveal(element) {
  bring(element);
  highlight([element]);
}
