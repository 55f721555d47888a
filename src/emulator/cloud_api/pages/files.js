// Files that a person sends: chosen, dropped on the conversation, or pasted into the field.

const $ = (id) => document.getElementById(id);

export function setUp({ send }) {
  const sendAll = async (files) => {
    for (const file of [...files]) await send(file);
  };
  const chat = $("chat");
  const hasFiles = ({ dataTransfer }) => dataTransfer.types.includes("Files");
  $("file").addEventListener("change", async ({ target }) => {
    $("attachments").hidePopover();
    await sendAll(target.files).finally(() => (target.value = ""));
  });
  $("text").addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    sendAll(event.clipboardData.files);
  });
  chat.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    chat.classList.add("drop");
  });
  chat.addEventListener("dragleave", ({ relatedTarget }) => chat.contains(relatedTarget) || chat.classList.remove("drop"));
  chat.addEventListener("drop", (event) => {
    event.preventDefault();
    chat.classList.remove("drop");
    sendAll(event.dataTransfer.files);
  });
}
