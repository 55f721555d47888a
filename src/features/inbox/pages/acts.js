// What an operator does with a person: start a flow, block, erase.
import { make, tell } from "./format.js";
import { list } from "./list.js";

const dialog = document.getElementById("erasure");
const form = dialog.querySelector("form");
let erase = null; // erases the person, given the typed name

export function actions({ thread, person, flows, can_call: canCall }, act) {
  const isBlocked = thread.holder === "nobody";
  const shown = [];
  if (!isBlocked) shown.push(starter(flows, act));
  if (!isBlocked && canCall) shown.push(button("Call", () => call(person, act)));
  shown.push(button(isBlocked ? "Unblock" : "Block", () => act(isBlocked ? "unblock" : "block")));
  if (list.role !== "agent") shown.push(button("Erase…", () => confirm(person, act), "danger"));
  const parts = [make("summary", { textContent: "More" }), make("div", {}, ...shown)];
  const all = make("details", { className: "acts", open: actions.isOpen ?? false, ontoggle: remember }, ...parts);
  all.dataset.name = person.name; // another name is another thing to confirm
  return all;
}

function remember(event) {
  actions.isOpen = event.target.open;
}

function button(textContent, onclick, className = "") {
  return make("button", { type: "button", textContent, onclick, className });
}

function starter(flows, act) {
  const title = (name) => name.replaceAll("_", " ");
  const options = flows.map((value) => make("option", { value, textContent: title(value) }));
  const choice = make("select", {}, make("option", { value: "", textContent: "Start a flow…" }), ...options);
  choice.setAttribute("aria-label", "Start a flow");
  choice.addEventListener("change", async () => {
    const { value: name } = choice;
    if (name && (await act("flow", { name }))) tell(`The bot begins: ${title(name)}.`);
    choice.value = "";
  });
  return choice;
}

async function call(person, act) {
  if (await act("call")) tell(`The bot calls ${person.name}, or asks first whether it may.`);
}

function confirm(person, act) {
  form.querySelector("b").textContent = person.name;
  form.elements.name.value = "";
  erase = (name) => act("erase", { name });
  dialog.showModal();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await erase(form.elements.name.value);
  if (!answer) return;
  dialog.close();
  tell(answer.is_done ? "All about this person is erased." : "It is erased within minutes, in Airtable too.");
});
form.elements.cancel.addEventListener("click", () => dialog.close());
