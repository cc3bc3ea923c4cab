// The words of a mail: its preview follows what is typed, and placeholders are put in
// where the cursor stands. Without scripts there is a button for the preview.

const form = document.querySelector("form[data-previews]");
const button = form.querySelector("[data-preview]");
const PAUSE = 600;
let waits = 0;
let turn = 0;

// Each preview is loaded into a frame of its own that takes the place of the old one once
// it is there: nothing flickers, and Back does not go through them.
function freshFrame() {
  const frames = form.querySelectorAll("iframe");
  const fresh = frames[0].cloneNode(false);
  const mine = ++turn;
  fresh.removeAttribute("src");
  fresh.name = `preview-${mine}`;
  fresh.classList.add("p-coming");
  frames[frames.length - 1].after(fresh);
  fresh.addEventListener("load", () => {
    if (mine !== turn) return fresh.remove();
    for (const frame of form.querySelectorAll("iframe")) if (frame !== fresh) frame.remove();
    fresh.classList.remove("p-coming");
  });
  button.formTarget = fresh.name;
}

function preview() {
  clearTimeout(waits);
  freshFrame();
  form.requestSubmit(button);
}

form.addEventListener("input", (event) => {
  if (event.target.matches("textarea, input[type=text]")) {
    clearTimeout(waits);
    waits = setTimeout(preview, PAUSE);
  }
});
form.querySelector("select[name=person]")?.addEventListener("change", preview);
button.addEventListener("click", (event) => {
  if (!event.isTrusted) return;
  event.preventDefault();
  preview();
});

for (const [name, dress] of [["phone", "p-phone"], ["dark", "p-inverted"]]) {
  const box = form.querySelector(`[data-${name}]`);
  box.addEventListener("change", () => {
    for (const frame of form.querySelectorAll("iframe")) frame.classList.toggle(dress, box.checked);
  });
}

// Enter looks somebody up, and does not save.
form.querySelector("input[name=find]")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  form.querySelector("button[value=find]").click();
});

// --- Placeholders ---

function chip(span) {
  const field = document.getElementById(span.parentElement.dataset.chipsFor);
  const made = document.createElement("button");
  made.type = "button";
  made.className = span.className;
  made.append(...span.childNodes);
  made.addEventListener("click", () => {
    field.setRangeText(span.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  span.replaceWith(made);
}

form.querySelectorAll("[data-insert]").forEach(chip);
