// A question to the developer, answered in a field of the page.

import { el } from "./bubbles.js";

/** Return the text that is typed below a question, or null; `rows` above one make a larger field. */
export function askFor(question, value, { rows = 1, act = "OK" } = {}) {
  const field = rows > 1 ? el("textarea", { rows, spellcheck: false }) : el("input", { autocomplete: "off" });
  field.name = "answer";
  field.required = true;
  field.value = value;
  const cancel = el("button", { type: "button", on: { click: () => dialog.close() } }, "Cancel");
  const form = el("form", { method: "dialog" }, el("label", {}, question, field),
    el("p", { className: "acts" }, cancel, " ", el("button", { value: "done" }, act)));
  const dialog = el("dialog", { ariaLabel: question }, form);
  document.body.append(dialog);
  dialog.showModal();
  field.select();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "done" ? field.value.trim() || null : null);
    });
  });
}
