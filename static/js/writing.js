// The page to write a mail on: "/" puts in a saved reply, and pictures can be pasted.
// Both press buttons that are there without scripts, and say where the cursor stood.

const text = document.querySelector("textarea[data-writes]");
const list = document.getElementById("slash");
const MOST_SHOWN = 8;
// A slash at the beginning of a word, and what is typed behind it.
const TYPED = /(?:^|\s)\/([^\s/]{0,40})$/u;

// Python counts letters, scripts count halves of them.
const place = (offset) => [...text.value.slice(0, offset)].length;
const offsetOf = (letters) => [...text.value].slice(0, letters).join("").length;

function pressAt(offset, button) {
  const form = text.form;
  let field = form.querySelector("input[name=at]");
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "at";
    form.append(field);
  }
  field.value = String(place(offset));
  form.requestSubmit(button);
}

// What is kept while the page is on its way to another one would be of an older version;
// and what is being kept when a button is pressed makes a newer one, which is awaited.
function stopKeeping() {
  const form = text.form;
  let leaving = false;
  let keeping = false;
  let waiting = false;
  let pressed = null;
  form.addEventListener("submit", (event) => {
    if (keeping) {
      event.preventDefault();
      event.stopPropagation();
      waiting = true;
      pressed = event.submitter;  // None of whoever sent it by a key.
    } else {
      leaving = true;
    }
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (leaving) event.preventDefault();
    else keeping = true;
  });
  form.addEventListener("htmx:afterRequest", () => {
    keeping = false;
    const again = waiting;
    waiting = false;
    if (again) form.requestSubmit(pressed);
  });
}

// --- Saved replies ---

const options = () => [...list.querySelectorAll("[role=option]:not([hidden])")];
const chosen = () => list.querySelector("[aria-selected=true]");

function typedSlash() {
  if (text.selectionStart !== text.selectionEnd) return null;
  return TYPED.exec(text.value.slice(0, text.selectionStart));
}

function choose(option) {
  for (const one of list.children) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    text.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    text.removeAttribute("aria-activedescendant");
  }
}

function close() {
  list.hidden = true;
  choose(null);
}

function filter() {
  const typed = typedSlash();
  if (!typed) return close();
  const wanted = typed[1].toLocaleLowerCase();
  let shown = 0;
  for (const option of list.children) {
    const name = option.querySelector("bdi").textContent.toLocaleLowerCase();
    option.hidden = shown >= MOST_SHOWN || !name.includes(wanted);
    if (!option.hidden) shown += 1;
  }
  list.hidden = shown === 0;
  choose(list.hidden ? null : options()[0]);
}

function putIn(option) {
  const typed = typedSlash();
  const end = text.selectionStart;
  const start = typed ? end - typed[1].length - 1 : end;
  text.setRangeText("", start, end, "end");
  document.getElementById("saved-reply").value = option.dataset.reply;
  pressAt(start, document.querySelector("[data-put-in-reply]"));
}

function onKey(event) {
  if (list.hidden || event.isComposing) return;
  const all = options();
  const at = all.indexOf(chosen());
  if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(at + all.length - 1) % all.length]);
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") putIn(all[at]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function startSlash() {
  text.setAttribute("aria-controls", "slash");
  text.setAttribute("aria-autocomplete", "list");
  text.addEventListener("input", filter);
  text.addEventListener("click", filter);
  text.addEventListener("keydown", onKey);
  text.addEventListener("blur", close);
  // Before the text loses the focus, which would close the list.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) putIn(option);
  });
  const picker = document.querySelector("[data-put-in-reply]");
  picker.addEventListener("click", (event) => {
    if (text.dataset.touched) {
      event.preventDefault();
      pressAt(text.selectionStart, picker);
    }
  });
}

// --- Pictures ---

function startPictures() {
  const button = document.querySelector("[data-put-in-picture]");
  const field = document.getElementById("draft-picture");
  if (!button || !field) return;
  const take = (event, files) => {
    const picture = [...files].find((file) => field.accept.split(",").includes(file.type));
    if (!picture) return;
    event.preventDefault();
    const box = new DataTransfer();
    box.items.add(picture);
    field.files = box.files;
    pressAt(text.selectionStart, button);
  };
  text.addEventListener("paste", (event) => {
    // Office programs bring a picture of the text beside the text itself.
    if (!event.clipboardData.types.includes("text/plain")) take(event, event.clipboardData.files);
  });
  text.addEventListener("drop", (event) => take(event, event.dataTransfer.files));
  button.addEventListener("click", (event) => {
    if (text.dataset.touched) {
      event.preventDefault();
      pressAt(text.selectionStart, button);
    }
  });
}

if (text) {
  if (text.dataset.cursor) {
    const at = offsetOf(Number(text.dataset.cursor));
    text.focus();
    text.setSelectionRange(at, at);
  }
  // Until the text had the cursor, words go above the signature.
  if (text.dataset.cursor) text.dataset.touched = "yes";
  text.addEventListener("focus", () => { text.dataset.touched = "yes"; });
  stopKeeping();
  if (list?.children.length) startSlash();
  startPictures();
}
