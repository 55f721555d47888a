// Shows what the assistant says of a conversation, and keeps it as a note.
const dialog = document.getElementById("summary-dialog");
const form = dialog.querySelector("form");
let keep = null; // keeps a text as a note

export function showSummary(text, keeping) {
  keep = keeping;
  form.querySelector(".quote").textContent = text;
  dialog.showModal();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await keep(form.querySelector(".quote").textContent)) dialog.close();
});
form.elements.cancel.addEventListener("click", () => dialog.close());
