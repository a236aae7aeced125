// The buttons. What they ask for carries the token of the run, which only pages of
// this server know.
async function ask(address, method, done) {
  const notice = $("notice");
  say(notice, "");
  try {
    const answer = await fetch(address, { method, headers: { "X-Docserve-Token": token }, cache: "no-store" });
    const text = answer.ok ? done : (await answer.text()).trim();
    say(notice, answer.status === 403 && text.includes("token") ? "docserve was started anew: load this page again." : text);
  } catch {
    say(notice, "docserve does not answer.");
  }
  refresh();
}

$("rebuild").addEventListener("click", () => ask("rebuild", "POST", "Everything is being read and written again."));

$("verify").addEventListener("click", () => {
  if (status?.verify?.running) ask("verify", "DELETE", "The comparison is being stopped.");
  else ask("verify", "POST", "A clean build is being made, to compare with.");
});

$("clear").addEventListener("click", () => $("confirm").showModal());
$("confirm").addEventListener("close", () => {
  if ($("confirm").returnValue === "yes") ask("clear-cache", "POST", "The cache is cleared; everything is being built from nothing.");
  $("confirm").returnValue = "";
});

function drawVerify(s) {
  const v = s.verify || {};
  let text = "Not yet.";
  if (v.running) text = `Under way: ${v.step || "a clean build is being made"}.`;
  else if (v.error) text = `Nothing can be said: ${v.error}`;
  else if (v.when) text = `${v.equal ? "Equal" : plural(v.differences || 0, "difference")}, at ${clock(v.when)}.`;
  say($("verify-text"), text);
  say($("verify"), v.running ? "Stop verifying" : "Verify");
}
