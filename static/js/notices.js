// Notices of the browser: only where somebody pressed the button on the page of notices.
// Every half minute one of the open pages asks our own server; nobody else is asked.

const ADDRESS = "notices-address";
const LAST = "notices-last";
const EVERY = 30_000;

const isPossible = () => "Notification" in window && window.isSecureContext;
const isOn = () => isPossible() && Notification.permission === "granted" && localStorage.getItem(ADDRESS);

// Telephones have the name and refuse to make one.
function show(title, options = {}) {
  try {
    return new Notification(title, options);
  } catch {
    return null;
  }
}

function tell(one) {
  const shown = show(one.title, { body: one.body, tag: one.tag });
  if (!shown) return;
  // In a page of its own: what is typed here stays.
  shown.addEventListener("click", () => {
    window.open(one.url);
    shown.close();
  });
}

async function ask() {
  const last = Number(localStorage.getItem(LAST) ?? 0);
  const answer = await fetch(`${localStorage.getItem(ADDRESS)}?after=${last}`, { redirect: "error" });
  if (!answer.ok) return;
  const { notices } = await answer.json();
  for (const one of notices) {
    localStorage.setItem(LAST, one.id);
    tell(one);
  }
}

async function watch() {
  for (;;) {
    // Signed out, or the server is away: asked again later.
    if (isOn()) await ask().catch(() => null);
    await new Promise((resolve) => { setTimeout(resolve, EVERY); });
  }
}

// One page at a time; the next takes over when it is closed.
navigator.locks?.request("notices", watch);

// --- The page of notices ---

function stateOf() {
  if (!isPossible()) return "missing";
  if (Notification.permission === "denied") return "denied";
  return isOn() ? "on" : "off";
}

function draw(place, state = stateOf()) {
  for (const words of place.querySelectorAll("[data-notices-state]")) {
    words.hidden = words.dataset.noticesState !== state;
  }
  place.querySelector("[data-notices-on]").hidden = state !== "off";
  place.querySelector("[data-notices-off]").hidden = state !== "on";
}

async function start(place) {
  if (await Notification.requestPermission() !== "granted") return draw(place);
  if (!show(place.dataset.noticesWords)) return draw(place, "missing");
  localStorage.setItem(ADDRESS, place.dataset.notices);
  await ask().catch(() => null);
  return draw(place);
}

const place = document.querySelector("[data-notices]");
if (place) {
  draw(place);
  place.querySelector("[data-notices-on]").addEventListener("click", () => start(place));
  place.querySelector("[data-notices-off]").addEventListener("click", () => {
    localStorage.removeItem(ADDRESS);
    draw(place);
  });
}
