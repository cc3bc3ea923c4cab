// The keyboard: single keys, rows, and where the focus goes after htmx put something in.

// --- Keys ---
// Single keys, by their place on the keyboard so that every layout has them.
// data-key="e" on a control answers to e; data-go="t" on a menu line to g then t;
// rows are [data-row] with a [data-open] link, and their own data-key controls come first.

const STORED = "single-keys";
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const PUNCTUATION = { Slash: "/", BracketLeft: "[", BracketRight: "]" };
let waitsForGo = 0;

function enabled() {
  const here = localStorage.getItem(STORED);
  return (here ?? document.body.dataset.keys) !== "off";
}

function letterOf(event) {
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  if (event.shiftKey) return "";
  return /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : (PUNCTUATION[event.code] ?? "");
}

const isShown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const rows = () => [...document.querySelectorAll("[data-row]")].filter(isShown);
const currentRow = () => document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row].p-cur");

function goToRow(row) {
  for (const other of document.querySelectorAll("[data-row].p-cur")) other.classList.remove("p-cur");
  if (!row) return;
  row.classList.add("p-cur");
  (row.querySelector("[data-open]") ?? row.querySelector("a, button"))?.focus();
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  const at = all.indexOf(currentRow());
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  if (all[next]) goToRow(all[next]);
}

function controlFor(letter) {
  const selector = `[data-key="${letter}"]`;
  const inRow = currentRow()?.querySelector(selector);
  if (inRow) return inRow;
  const elsewhere = (one) => !one.closest("[data-row]") && (isShown(one) || one.closest("details.p-menu"));
  return [...document.querySelectorAll(selector)].find(elsewhere);
}

function press(letter) {
  const control = controlFor(letter);
  if (!control) return false;
  if (control.matches(TYPING)) {
    const menu = control.closest("details.p-menu");
    if (menu) menu.open = true;
    control.focus();
    control.select?.();
  } else {
    control.click();
  }
  return true;
}

function answer(letter) {
  if (waitsForGo) {
    clearTimeout(waitsForGo);
    waitsForGo = 0;
    const line = document.querySelector(`[data-go="${letter}"]`);
    line?.click();
    return Boolean(line);
  }
  if (letter === "g") {
    waitsForGo = setTimeout(() => { waitsForGo = 0; }, 1500);
    return true;
  }
  if (letter === "?") {
    document.getElementById("keys")?.showModal();
    return true;
  }
  if (letter === "j" || letter === "k") {
    step(letter === "j" ? 1 : -1);
    return true;
  }
  return press(letter);
}

function closeOpenThings() {
  const menu = document.activeElement?.closest("details.p-menu[open]") ?? document.querySelector("details.p-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

// Rows that have an order: [data-move=up] and [data-move=down] are buttons in them.
function moveRow(event) {
  const way = event.code === "ArrowUp" ? "up" : "down";
  const button = document.activeElement?.closest("[data-row]")?.querySelector(`[data-move="${way}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

function onKeydown(event) {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (event.key === "Escape") return closeOpenThings();
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest("form");
    if (form && event.target.matches("textarea, input")) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (event.altKey && /^Arrow(Up|Down)$/.test(event.code)) return moveRow(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !/^Key[JK]$/.test(event.code)) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]") || !enabled()) return;
  const letter = letterOf(event);
  if (letter && answer(letter)) event.preventDefault();
}

function startKeys() {
  document.addEventListener("keydown", onKeydown);
  // A link to a field of another page is followed in order to type there.
  const field = document.getElementById(location.hash.slice(1));
  if (field?.matches(TYPING)) {
    const menu = field.closest("details.p-menu");
    if (menu) menu.open = true;
    field.focus();
  }
  const box = document.querySelector("[data-single-keys]");
  if (!box) return;
  box.checked = enabled();
  box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
}

// --- After a swap ---
// After htmx has put something in: where the focus goes, what waits, what failed.
// data-focus marks what takes the focus in an answer; a row that went gives it to the next.

let nextRow = null;

function focusOn(element) {
  if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
  element.focus();
}

function rememberNext(event) {
  const row = document.activeElement?.closest("[data-row]");
  const goes = row && (event.detail.target === row || event.detail.target.contains(row));
  nextRow = goes ? (row.nextElementSibling?.closest("[data-row]") ?? row.previousElementSibling?.closest("[data-row]")) : null;
}

function settle(event) {
  const wanted = event.detail.elt.matches?.("[data-focus]") ? event.detail.elt : event.detail.elt.querySelector?.("[data-focus]");
  if (wanted && !wanted.closest("dialog:not([open])")) return focusOn(wanted);
  if (document.activeElement !== document.body) return;
  // The whole list may be new: the row is then known by its id.
  const row = nextRow?.isConnected ? nextRow : nextRow?.id && document.getElementById(nextRow.id);
  if (row) return goToRow(row);
  if (nextRow !== null) document.getElementById("main")?.focus();
}

const resting = new WeakMap();

function busyButton({ elt, requestConfig }) {
  const submitter = requestConfig?.triggeringEvent?.submitter;
  const button = submitter ?? (elt.matches("form") ? elt.querySelector("[data-busy]") : elt);
  return button?.dataset.busy ? button : null;
}

// The button keeps its width while it shows "Saving…".
function busy(event, on) {
  event.detail.target?.[on ? "setAttribute" : "removeAttribute"]("aria-busy", "true");
  const button = busyButton(event.detail);
  if (!button) return;
  if (on && !resting.has(button)) {
    button.style.minWidth = `${button.offsetWidth}px`;
    resting.set(button, [...button.childNodes]);
    button.replaceChildren(button.dataset.busy);
  } else if (!on && resting.has(button)) {
    button.replaceChildren(...resting.get(button));
    button.style.minWidth = "";
    resting.delete(button);
  }
}

function failed(event) {
  const elt = event.detail.elt;
  if (elt.closest("[data-quiet]")) return;
  const notice = document.getElementById("failed").content.firstElementChild.cloneNode(true);
  const place = elt.matches("form") ? elt : elt.closest("form") ?? elt;
  place.parentElement.querySelector(":scope > [data-failed]")?.remove();
  notice.querySelector("[data-retry]").addEventListener("click", () => {
    notice.remove();
    if (elt.matches("form")) elt.requestSubmit();
    else elt.click();
  });
  place.before(notice);
}

// A session that lapsed answers with the sign-in page: go there whole, and come back.
function lapsed(event) {
  const login = document.body.dataset.login;
  const answered = event.detail.xhr.responseURL;
  if (!login || !answered || new URL(answered).pathname !== login) return;
  event.detail.shouldSwap = false;
  location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

function startSwaps() {
  const on = (name, handler) => document.addEventListener(`htmx:${name}`, handler);
  on("beforeRequest", (event) => busy(event, true));
  on("afterRequest", (event) => busy(event, false));
  on("beforeSwap", lapsed);
  on("beforeSwap", rememberNext);
  on("afterSettle", settle);
  on("responseError", failed);
  on("sendError", failed);
  on("timeout", failed);
}

startKeys();
startSwaps();
