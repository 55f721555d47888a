// The file of a template's header: chosen, dropped, or named by a link.
import { make } from "./format.js";

const TYPES = { image: "image/jpeg,image/png", video: "video/mp4,video/3gpp", document: "" };

// `act` uploads; `onChange` gets {link, id, filename, mime_type, shown, isReady}, or nothing chosen.
export function fileField(kind, name, act, onChange) {
  const chooser = make("input", { type: "file", accept: TYPES[kind] });
  const state = make("span", { className: "state" });
  state.setAttribute("role", "status");
  const link = make("input", { name, type: "url", placeholder: "https://…", autocomplete: "off" });
  const drop = make(
    "div",
    { className: "drop-file" },
    make("label", { className: "choose" }, chooser, make("span", { textContent: `Choose ${kind}` })),
    make("span", { textContent: "or drop it here" }),
    state,
  );
  const url = make("label", {}, "or a public link", link);

  async function take(file) {
    if (!file) return;
    link.value = "";
    const shown = { link: "", id: "", filename: file.name, mime_type: file.type, shown: URL.createObjectURL(file), isReady: false };
    onChange(shown);
    state.textContent = `Uploading ${file.name}…`;
    const query = { name: file.name || "file", kind };
    const answer = await act("template-file", file, { isQuiet: true, query, onError: (text) => (state.textContent = text) });
    if (!answer) return onChange({ link: "", id: "", filename: "", mime_type: "", shown: "", isReady: true });
    state.textContent = file.name;
    onChange({ ...shown, id: answer.id, mime_type: answer.mime_type, isReady: true });
  }

  chooser.addEventListener("change", () => take(chooser.files[0]));
  link.addEventListener("input", () => {
    state.textContent = "";
    const filename = link.value.split("/").at(-1).slice(0, 240);
    onChange({ link: link.value.trim(), id: "", filename, mime_type: "", shown: "", isReady: true });
  });
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer.files[0]);
  });
  return make("div", { className: "file-field" }, drop, url);
}
