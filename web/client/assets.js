// Style sheets and images are exchanged one by one. They are found by path, as
// Sphinx and we put what we like behind the "?".

// siteURL is where a file of the site lies, whatever prefix a proxy has put before it.
const siteURL = (path) => new URL(path.split("/").map(encodeURIComponent).join("/"), new URL("..", home));

const urlOf = (value) => {
  try {
    return new URL(value, document.baseURI);
  } catch {
    return null;
  }
};

// There are several ways to write a parenthesis in an address, and one of each byte
// in what unescape makes of it. Other than decodeURIComponent it never fails.
const bytesOf = (url) => unescape(url.pathname);

const pathsOf = (sitePaths) => new Set(sitePaths.map((path) => bytesOf(siteURL(path))));

const isFile = (value, paths) => {
  const url = value && urlOf(value);
  return url?.origin === home.origin && paths.has(bytesOf(url));
};

// renewed is the address with something new behind it, so that no cache has it.
const renewed = (value) => {
  const url = urlOf(value);
  url.searchParams.set("docserve", Math.random());
  return url.href;
};

// swapSheet puts a new style sheet behind the old one, and takes the old one away
// when the new one is there: at no moment the page is without style.
function swapSheet(link, href) {
  const next = link.cloneNode();
  next.href = href;
  next.docserveOld = link; // until it is there
  link.docserveNext?.remove(); // a swap that is overtaken by this one
  link.docserveNext = next;
  return new Promise((done) => {
    const end = ({ type }) => {
      const here = type === "load" && next === link.docserveNext;
      (here ? link : next).remove();
      next.docserveOld = null;
      done(here);
    };
    next.onload = next.onerror = end;
    link.after(next);
  });
}

// importsAny says whether a sheet brings in one of the files with @import.
function importsAny(sheet, paths) {
  try {
    return [...sheet.cssRules].some((rule) => rule.styleSheet && (isFile(rule.styleSheet.href, paths) || importsAny(rule.styleSheet, paths)));
  } catch {
    return false; // of another origin, or not there yet
  }
}

async function swapStyles(sitePaths) {
  const paths = pathsOf(sitePaths);
  // An imported file has no address of its own to renew: fetch it past the cache first.
  await Promise.allSettled(sitePaths.map((path) => fetch(siteURL(path), { cache: "reload" })));
  // Meanwhile other swaps may have come to their end.
  const links = sheetsOf(document).filter(
    (link) => !link.docserveOld && (isFile(link.href, paths) || importsAny(link.sheet, paths)),
  );
  const swapped = await Promise.all(links.map((link) => swapSheet(link, renewed(link.href))));
  if (swapped.includes(true)) announce({ kind: "style" });
}

function refreshImages(sitePaths) {
  const paths = pathsOf(sitePaths);
  // What a style sheet has brought in cannot be exchanged.
  if (performance.getEntriesByType("resource").some((e) => e.initiatorType === "css" && isFile(e.name, paths))) return reload();
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
