// Chooses a template, fills it in, and shows what the person would read.
import { get } from "./api.js";
import { make, tell } from "./format.js";

const dialog = document.getElementById("templates");
const form = dialog.querySelector("form");
const choice = form.elements.template;
const values = document.getElementById("values");
const preview = document.getElementById("preview");
let known = [];
let act = null;

export async function chooseTemplate(doing) {
  act = doing;
  try {
    known = (await get("templates")).templates;
  } catch (error) {
    return tell(error.message);
  }
  if (!known.length) return tell("Meta has approved no template that can be filled in here.");
  const options = known.map((one, place) =>
    make("option", { value: place, textContent: `${one.name} (${one.language})` }),
  );
  choice.replaceChildren(...options);
  draw();
  dialog.showModal();
}

const chosen = () => known[Number(choice.value)];

function draw() {
  const fields = chosen().variables.map((name) =>
    make("label", {}, `${name} `, make("input", { name: `value-${name}`, required: true })),
  );
  values.replaceChildren(...fields);
  show();
}

function filledIn() {
  return Object.fromEntries(
    chosen().variables.map((name) => [name, form.elements[`value-${name}`].value.trim()]),
  );
}

function show() {
  const given = filledIn();
  preview.textContent = chosen().text.replace(
    /\{\{\s*(\w+)\s*\}\}/g,
    (whole, name) => given[name] || whole,
  );
}

choice.addEventListener("change", draw);
values.addEventListener("input", show);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, language } = chosen();
  if (await act("template", { name, language, values: filledIn() })) dialog.close();
});
dialog.querySelector("[name=cancel]").addEventListener("click", () => dialog.close());
