// Style sheets and images are exchanged one by one. They are found by path, as
// Sphinx and we put what we like behind the "?".
let serial = 0;

// siteURL is where a file of the site lies, whatever prefix a proxy has put before it.
const siteURL = (path) => new URL(path.split("/").map(encodeURIComponent).join("/"), new URL("..", home));

const urlOf = (value) => {
  try {
    return new URL(value, document.baseURI);
  } catch {
    return null;
  }
};

const isFile = (value, paths) => {
  const url = value && urlOf(value);
  return Boolean(url) && url.origin === home.origin && paths.has(url.pathname);
};

// renewed is the address with something new behind it, so that no cache has it.
const renewed = (value) => {
  const url = urlOf(value);
  url.searchParams.set("docserve", String(Date.now()) + "." + ++serial);
  return url.href;
};

// swapSheet puts a new style sheet behind the old one, and takes the old one away
// when the new one is there: at no moment the page is without style.
function swapSheet(link, href) {
  const next = link.cloneNode();
  next.href = href;
  link.docserveNext?.remove(); // a swap that is overtaken by this one
  link.docserveNext = next;
  return new Promise((done) => {
    next.addEventListener("load", () => { link.remove(); done(true); });
    next.addEventListener("error", () => { next.remove(); done(false); });
    link.after(next);
  });
}

// importsAny says whether a sheet brings in one of the files with @import.
function importsAny(sheet, paths) {
  let rules = [];
  try {
    rules = [...sheet.cssRules];
  } catch {
    return false; // of another origin
  }
  return rules.some((rule) => rule.styleSheet && (isFile(rule.styleSheet.href, paths) || importsAny(rule.styleSheet, paths)));
}

async function swapStyles(sitePaths) {
  const paths = new Set(sitePaths.map((p) => siteURL(p).pathname));
  const links = [...document.querySelectorAll("link[rel~=stylesheet][href]")].filter(
    (link) => !link.docserveNext && (isFile(link.href, paths) || (link.sheet && importsAny(link.sheet, paths))),
  );
  // An imported file has no address of its own to renew: fetch it past the cache first.
  await Promise.all([...paths].map((path) => fetch(path, { cache: "reload" }).catch(() => null)));
  const swapped = await Promise.all(links.map((link) => swapSheet(link, renewed(link.href))));
  if (swapped.includes(true)) announce({ kind: "style" });
}

function refreshImages(sitePaths) {
  const paths = new Set(sitePaths.map((p) => siteURL(p).pathname));
  let count = 0;
  const renew = (element, name) => {
    const value = element.getAttribute(name);
    if (!isFile(value, paths)) return;
    element.setAttribute(name, renewed(value));
    count++;
  };
  for (const e of document.querySelectorAll("img[src], embed[src], input[src], video[poster], object[data], image, link[rel~=icon]")) {
    for (const name of ["src", "poster", "data", "href", "xlink:href"]) renew(e, name);
  }
  for (const e of document.querySelectorAll("img[srcset], source[srcset]")) {
    const was = e.getAttribute("srcset");
    const now = was.split(/,\s+/).map((part) => {
      const [value, ...size] = part.trim().split(/\s+/);
      return [isFile(value, paths) ? renewed(value) : value, ...size].join(" ");
    }).join(", ");
    if (now.includes("docserve=") && now !== was) {
      e.setAttribute("srcset", now);
      count++;
    }
  }
  if (count) announce({ kind: "image" });
}
