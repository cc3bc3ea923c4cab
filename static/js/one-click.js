// What was pressed in a mail, so that people can see what machines press. That a browser
// opened the page is reported at once. Where the survey keeps scores provisionally, one
// is kept once somebody has looked for two seconds. Neither counts anywhere until the
// customer sends the form; without this script only the form remains.
const press = document.querySelector("script[data-name]")?.dataset;
const LOOKED_AT_FOR = 2000;
let timer = 0;

function report(what) {
  const body = new URLSearchParams({ [what]: "1", [press.name]: press.value });
  fetch(location.pathname, { method: "POST", body, keepalive: true });
}

function keep() {
  document.removeEventListener("visibilitychange", watch);
  report("provisional");
}

function watch() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") timer = setTimeout(keep, LOOKED_AT_FOR);
}

if (press) report("opened");
if (press && "kept" in press) {
  document.addEventListener("visibilitychange", watch);
  document.querySelector("form")?.addEventListener("submit", () => clearTimeout(timer));
  watch();
}
