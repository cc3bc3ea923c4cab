// Comfort for staff pages: colours, news, drafts, menus. Every page works without it.
// No imports between our scripts: each is served under its own hashed name.

// --- Colours ---
// Light, dark or as the device: kept in a cookie, so that the server draws it at once.
const YEAR = 365 * 24 * 60 * 60;

function show(theme) {
  document.documentElement.dataset.bsTheme = theme;
  for (const button of document.querySelectorAll("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme));
  }
}

function startTheme() {
  show(document.documentElement.dataset.bsTheme || "auto");
  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-set-theme]")?.dataset.setTheme;
    if (!theme) return;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
    show(theme);
  });
}

// --- News ---
// The toast in #status: ten seconds, waiting while a pointer or the focus is on it.
const LIFE = 10_000;

function watch(toast) {
  let timer = 0;
  const start = () => { timer = setTimeout(() => toast.remove(), LIFE); };
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, () => { stop(); start(); });
  start();
}

function startNews() {
  const status = document.getElementById("status");
  if (!status) return;
  const watched = new WeakSet();
  const look = () => {
    const toasts = [...status.querySelectorAll("[data-toast]")];
    for (const old of toasts.slice(0, -1)) old.remove();
    const toast = toasts.at(-1);
    if (toast && !watched.has(toast)) {
      watched.add(toast);
      watch(toast);
    }
  };
  new MutationObserver(look).observe(status, { childList: true, subtree: true });
  // What came with the page is put in again, so that it is read aloud.
  const arrived = [...status.children];
  if (arrived.length) {
    status.replaceChildren();
    setTimeout(() => status.replaceChildren(...arrived), 200);
  }
}

// --- Drafts ---
// Text not saved yet is kept for this tab: form[data-draft="customer:41"].
// It is let go only when the server confirms that it saved (by a toast, or by an answer to
// htmx that is neither a refusal nor the sign-in page) and when somebody signs out.
const PREFIX = "draft:";
const SENT = "draft-sent";

const fieldsOf = (form) => [...form.querySelectorAll("textarea[name], input[type=text][name]")];

function keep(form) {
  const texts = Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]));
  const any = Object.values(texts).some((text) => text.trim());
  if (any) sessionStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify(texts));
  else sessionStorage.removeItem(PREFIX + form.dataset.draft);
}

function restore(form) {
  const kept = JSON.parse(sessionStorage.getItem(PREFIX + form.dataset.draft) ?? "{}");
  for (const field of fieldsOf(form)) {
    if (!field.value && kept[field.name]) {
      field.value = kept[field.name];
      field.closest("details")?.setAttribute("open", "");
    }
  }
}

function settleSent() {
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  const saved = document.querySelector("#status [data-toast]") && !document.querySelector("#problem");
  if (sent && saved) sessionStorage.removeItem(PREFIX + sent);
}

function settleAnswer(event) {
  // A form that its own answer replaced is named by the request alone.
  const form = (event.detail.requestConfig?.elt ?? event.detail.elt).closest("form[data-draft]");
  if (!form) return;
  sessionStorage.removeItem(SENT);
  const { status, responseURL } = event.detail.xhr;
  const signIn = responseURL && new URL(responseURL).pathname === document.body.dataset.login;
  if (status >= 200 && status < 300 && !signIn) sessionStorage.removeItem(PREFIX + form.dataset.draft);
}

function forgetAll() {
  const kept = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  for (const key of [...kept, SENT]) sessionStorage.removeItem(key);
}

function startDrafts() {
  settleSent();
  document.querySelectorAll("form[data-draft]").forEach(restore);
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) keep(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forget]")) forgetAll();
    else if (event.target.dataset.draft) sessionStorage.setItem(SENT, event.target.dataset.draft);
  });
  document.addEventListener("htmx:afterRequest", settleAnswer);
  document.addEventListener("htmx:afterSettle", (event) => {
    event.detail.elt.querySelectorAll?.("form[data-draft]").forEach(restore);
  });
}

// --- Menus and dialogs ---

startTheme();
startNews();
startDrafts();

// Scripts are here, so what needs them may show.
for (const part of document.querySelectorAll("[data-open-dialog][hidden], [data-theme-switch][hidden]")) {
  part.hidden = false;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.openDialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  for (const menu of document.querySelectorAll("details.p-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// The drawer: the first line takes the focus.
const drawer = document.getElementById("menu");
drawer?.addEventListener("toggle", (event) => {
  if (event.newState === "open") drawer.querySelector("a")?.focus();
});

// --- Tabs ---
// Where a row of them is wider than its page, the one that is open is brought into view.
for (const tab of document.querySelectorAll(":is(.p-tabs, .p-seg) > [aria-current]")) {
  const bar = tab.parentElement.getBoundingClientRect();
  const place = tab.getBoundingClientRect();
  if (place.left < bar.left || place.right > bar.right) {
    tab.parentElement.scrollLeft += place.left + place.width / 2 - bar.left - bar.width / 2;
  }
}
