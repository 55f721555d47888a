// Writes a message now that the bot sends later.
import { fullTime, tell } from "./format.js";

const dialog = document.getElementById("later");
const form = dialog.querySelector("form");
const HOUR = 3_600_000;
let field = null; // where the operator writes
let act = null;

export function chooseTime(text, doing) {
  if (!text.value.trim()) {
    tell("Write the message first.");
    return text.focus();
  }
  field = text;
  act = doing;
  form.querySelector(".quote").textContent = text.value;
  const next = new Date(Math.ceil((Date.now() + HOUR / 2) / HOUR) * HOUR);
  form.elements.at.value = local(next);
  form.elements.at.min = local(new Date());
  dialog.showModal();
}

// A time as the field writes it: that of the operator's clock.
function local(at) {
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const at = new Date(form.elements.at.value).toISOString();
  if (!(await act("later", { text: field.value, at }))) return;
  field.value = "";
  dialog.close();
  tell(`It is sent at ${fullTime(at)}.`);
});
form.elements.cancel.addEventListener("click", () => dialog.close());
