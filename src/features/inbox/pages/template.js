// Chooses a template, fills it in, and shows what the person would read.
import { get } from "./api.js";
import { formatted, make, tell } from "./format.js";
import { fileField } from "./template_file.js";

const dialog = document.getElementById("templates");
const form = dialog.querySelector("form");
const choice = form.elements.template;
const values = document.getElementById("values");
const preview = document.getElementById("preview");
const problem = document.getElementById("template-problem");
let known = [];
let act = null;
let files = new Map(); // what was chosen for each header: a link, or an uploaded file

export async function chooseTemplate(doing, { language }) {
  act = doing;
  try {
    known = (await get("templates")).templates;
  } catch (error) {
    return tell(error.message);
  }
  if (!known.length) return tell("Meta has approved no template that can be filled in here.");
  const isTheirs = (one) => Number(one.language.split("_")[0] !== language);
  known.sort((one, other) => isTheirs(one) - isTheirs(other));
  const title = (one) => `${one.name.replaceAll("_", " ")} (${one.language}, ${one.category.toLowerCase()})`;
  choice.replaceChildren(...known.map((one, value) => make("option", { value, textContent: title(one) })));
  draw();
  dialog.showModal();
}

const chosen = () => known[Number(choice.value)];
const fieldOf = (name) => form.elements[name];

function draw() {
  files = new Map();
  problem.textContent = "";
  const one = chosen();
  const cards = one.cards.map((card, place) =>
    make("fieldset", {}, make("legend", { textContent: `Card ${place + 1}` }), ...fields(card, `card-${place}-`)),
  );
  const end = one.offer_ends ? [labelled("The offer ends", { name: "offer-ends", type: "datetime-local" })] : [];
  values.replaceChildren(...fields(one, ""), ...end, ...cards);
  show();
}

function fields(block, prefix) {
  const made = [];
  if (["IMAGE", "VIDEO", "DOCUMENT"].includes(block.format)) {
    made.push(fileField(block.format.toLowerCase(), `${prefix}file`, act, (file) => {
      files.set(prefix, file);
      show();
    }));
  } else if (block.format === "LOCATION") {
    for (const name of ["Place", "Address", "Latitude", "Longitude"]) {
      made.push(labelled(name, { name: `${prefix}${name.toLowerCase()}` }));
    }
  } else if (block.header_variables.length) {
    made.push(labelled("Headline", { name: `${prefix}headline` }));
  }
  for (const name of block.variables) made.push(labelled(words(name), { name: `${prefix}value-${name}` }));
  block.buttons.forEach((button, place) => {
    if (!button.is_written) return;
    const what = button.kind === "URL" ? `“${button.text}”: end of the link` : `“${button.text}”: code to copy`;
    made.push(labelled(what, { name: `${prefix}button-${place}` }));
  });
  return made;
}

const words = (name) => (/^\d+$/.test(name) ? `Value ${name}` : name.replaceAll("_", " "));

function labelled(text, properties) {
  const field = make("input", { required: true, autocomplete: "off", ...properties });
  return make("label", {}, text, field);
}

const given = (name) => fieldOf(name)?.value.trim() ?? "";

function filledIn(block, prefix) {
  const made = { values: {}, buttons: {} };
  for (const name of block.variables) made.values[name] = given(`${prefix}value-${name}`);
  block.buttons.forEach((button, place) => {
    if (button.is_written) made.buttons[place] = given(`${prefix}button-${place}`);
  });
  if (block.format === "LOCATION") {
    const [latitude, longitude] = ["latitude", "longitude"].map((one) => Number(given(prefix + one)));
    made.place = { latitude, longitude, name: given(`${prefix}place`), address: given(`${prefix}address`) };
  } else if (block.header_variables.length) made.text = given(`${prefix}headline`);
  const file = files.get(prefix);
  if (file?.isReady) {
    const { link, id, filename, mime_type } = file;
    made.file = { link, id, mime_type, filename: block.format === "DOCUMENT" ? filename : "" };
  }
  return made;
}

function show() {
  const one = chosen();
  const cards = one.cards.map((card, place) => bubble(card, `card-${place}-`));
  preview.replaceChildren(bubble(one, ""), ...(cards.length ? [make("div", { className: "cards-row", tabIndex: 0, role: "group", ariaLabel: "Cards" }, ...cards)] : []));
}

function bubble(block, prefix) {
  const fill = (text, value) => text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name) => value(name) || whole);
  const parts = [];
  if (block.format && block.format !== "TEXT") parts.push(picture(block, prefix));
  const headline = fill(block.header, () => given(`${prefix}headline`));
  if (headline) parts.push(make("strong", { textContent: headline, dir: "auto" }));
  const body = fill(block.body, (name) => given(`${prefix}value-${name}`));
  parts.push(make("p", { dir: "auto" }, ...formatted(body)));
  if (block.offer) parts.push(make("p", { textContent: block.offer, dir: "auto" }));
  if (block.footer) parts.push(make("small", { textContent: block.footer, dir: "auto" }));
  block.buttons.forEach((button, place) => {
    const end = given(`${prefix}button-${place}`);
    const behind = button.url ? fill(button.url, () => end) : end;
    const text = button.kind === "COPY_CODE" && end ? `${button.text}: ${end}` : button.text;
    parts.push(make("span", { className: "tap", textContent: text, title: behind, dir: "auto" }));
  });
  return make("div", { className: "quote" }, ...parts);
}

function picture(block, prefix) {
  const file = files.get(prefix);
  if (block.format === "LOCATION") return make("span", { className: "media", textContent: `📍 ${given(`${prefix}place`) || "A place"}` });
  if (file?.shown && block.format === "IMAGE") return make("img", { src: file.shown, alt: file.filename });
  if (file?.shown && block.format === "VIDEO") return make("video", { src: file.shown, controls: true });
  const name = file?.filename || file?.link || { IMAGE: "Image", VIDEO: "Video", DOCUMENT: "Document" }[block.format];
  return make("span", { className: "media", textContent: name ?? block.format.toLowerCase() });
}

choice.addEventListener("change", draw);
values.addEventListener("input", show);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const one = chosen();
  problem.textContent = "";
  const body = { name: one.name, language: one.language, ...filledIn(one, "") };
  body.cards = one.cards.map((card, place) => filledIn(card, `card-${place}-`));
  if (one.offer_ends) body.offer_ends_at = new Date(given("offer-ends")).toISOString();
  const lacks = [...files.values()].some((file) => !file.isReady);
  if (lacks) return (problem.textContent = "A file is still on its way.");
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  const isSent = await act("template", body, { onError: (text) => (problem.textContent = text) });
  button.disabled = false;
  if (isSent) dialog.close();
});
dialog.querySelector("[name=cancel]").addEventListener("click", () => dialog.close());
