// The words of a mail: its preview follows what is typed, and placeholders are put in
// where the cursor stands. Without scripts there is a button for the preview.

const form = document.querySelector("form[data-previews]");
const button = form.querySelector("[data-preview]");
const file = form.querySelector("input[name=picture_file]");
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
  // The preview shows the picture that is saved: a file does not travel with each word.
  if (file) file.disabled = true;
  form.requestSubmit(button);
  if (file) file.disabled = false;
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

form.querySelectorAll("[name=picture_from]").forEach((one) => one.addEventListener("change", preview));

// --- A picture that is larger than a mail shows it is made smaller before it travels ---

const WIDEST = 1104;
const MOST_BYTES = 700000;

async function smaller(chosen) {
  if (chosen.type === "image/gif") return chosen;
  const picture = await createImageBitmap(chosen, { imageOrientation: "from-image" });
  const scale = Math.min(1, WIDEST / picture.width);
  const known = /^image\/(png|jpeg)$/.test(chosen.type);
  if (known && scale === 1 && chosen.size <= MOST_BYTES) return chosen;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  const draw = (type) => {
    // What shines through would be black in a JPEG.
    if (type === "image/jpeg") {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
    }
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, type, 0.86));
  };
  let blob = chosen.type === "image/jpeg" ? null : await draw("image/png");
  if (!blob || blob.size > MOST_BYTES) blob = await draw("image/jpeg");
  return new File([blob], chosen.name, { type: blob.type });
}

file?.addEventListener("change", async () => {
  delete file.dataset.smaller;
  if (!file.files.length) return;
  try {
    const carried = new DataTransfer();
    carried.items.add(await smaller(file.files[0]));
    file.files = carried.files;
    file.dataset.smaller = "";
  } catch {
    // Not a picture that this browser reads: the server says what it is.
  }
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
