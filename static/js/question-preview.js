// A question as it is typed: its preview follows, in the language that was pressed last.
// Without scripts each language has its button, which does the same.

const form = document.querySelector("form[data-previews]");
const buttons = form.querySelectorAll("button[formtarget=preview]");
const PAUSE = 600;
let chosen = form.querySelector("[data-preview]");
let waits = 0;

function preview() {
  clearTimeout(waits);
  form.requestSubmit(chosen);
}

for (const button of buttons) {
  button.addEventListener("click", (event) => {
    if (event.isTrusted) chosen = button;
  });
}
form.addEventListener("input", (event) => {
  const language = event.target.lang;
  const same = [...buttons].find((button) => language && button.lang === language);
  if (same) chosen = same;
  clearTimeout(waits);
  waits = setTimeout(preview, PAUSE);
});
preview();
