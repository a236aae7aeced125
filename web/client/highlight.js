// What has changed is marked for a moment. An animation leaves no attribute and no
// element behind, and a background and a shadow move nothing.
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function highlight(elements) {
  if (script.dataset.plain !== undefined || calm.matches) return;
  for (const e of new Set(elements)) {
    if (!e?.isConnected || !e.animate || e === document.body) continue;
    const tint = "rgb(255 196 0 / .28)";
    const lit = { backgroundColor: tint, boxShadow: "0 0 0 4px " + tint };
    e.animate(
      [lit, { ...lit, offset: 0.3 }, { boxShadow: "0 0 0 4px transparent" }],
      { duration: 1400, easing: "ease-out", id: "docserve" },
    );
  }
}
