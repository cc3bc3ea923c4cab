// The one-click option: a score that was pressed in the mail is kept, provisionally,
// once somebody has looked at the page for two seconds. It counts nowhere until the
// customer sends the form; without this script only the form remains.
const score = document.querySelector("script[data-score]")?.dataset.score;
const LOOKED_AT_FOR = 2000;
let timer = 0;

function keep() {
  document.removeEventListener("visibilitychange", watch);
  const answer = new URLSearchParams({ provisional: "1", score });
  fetch(location.pathname, { method: "POST", body: answer, keepalive: true });
}

function watch() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") timer = setTimeout(keep, LOOKED_AT_FOR);
}

if (score) {
  document.addEventListener("visibilitychange", watch);
  document.querySelector("form")?.addEventListener("submit", () => clearTimeout(timer));
  watch();
}
