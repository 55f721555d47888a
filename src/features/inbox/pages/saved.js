// Replies that operators use again; {first_name} becomes the name of the person.
import { get, send } from "./api.js";
import { make, tell } from "./format.js";

const dialog = document.getElementById("replies");
const form = dialog.querySelector("form");
const list = document.getElementById("reply-list");
let field = null; // where the operator writes
let firstName = "";

export async function chooseReply(text, person) {
  field = text;
  firstName = person.name.startsWith("+") ? "" : person.name.split(" ")[0];
  form.elements.name.value = "";
  form.querySelector("label").hidden = form.querySelector("[type=submit]").hidden = !field.value.trim();
  if (await draw()) dialog.showModal();
}

async function draw() {
  try {
    const { replies } = await get("saved");
    const none = make("li", { textContent: "None yet. Write a reply, open this again, and save it under a name." });
    list.replaceChildren(...(replies.length ? replies.map(row) : [none]));
    return true;
  } catch (error) {
    tell(error.message);
    return false;
  }
}

function row(one) {
  const beginning = make("span", { textContent: one.text, dir: "auto" });
  const use = make("button", { type: "button", className: "reply" }, make("strong", { textContent: one.name }), beginning);
  use.addEventListener("click", () => {
    const words = filled(one.text);
    field.value = field.value ? `${field.value} ${words}` : words;
    dialog.close();
    field.focus();
  });
  const off = make("button", { type: "button", className: "quiet", textContent: "✕" });
  off.setAttribute("aria-label", `Remove ${one.name}`);
  off.addEventListener("click", () => remove(one.name));
  return make("li", { className: "line" }, use, off);
}

// Without a name, "Hello {first_name}," becomes "Hello,".
const filled = (text) => text.replaceAll(firstName ? /\{first_name\}/g : / ?\{first_name\}/g, firstName);

async function change(method, query, body) {
  try {
    await send(method, "saved", query, body);
    return true;
  } catch (error) {
    tell(error.message);
    return false;
  }
}

async function save(name) {
  if (!(await change("POST", {}, { name, text: field.value }))) return;
  dialog.close();
  tell(`Saved as “${name.trim()}”.`);
  field.focus();
}

async function remove(name) {
  await change("DELETE", { name });
  await draw();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = form.elements.name.value;
  save(name);
});
form.elements.cancel.addEventListener("click", () => dialog.close());
