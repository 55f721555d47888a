// The grid: the tables that operators read and edit in Airtable, loaded again every second.

const $ = (id) => document.getElementById(id);
const PAUSE = 1000;
let tables = [];
let current = null;
const shown = new Map(); // record id -> {row, cells}

function el(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

async function ask(path, method = "GET", body = undefined) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`/emulator/airtable${path}`, { method, headers, body: body && JSON.stringify(body) });
  const found = await answer.json();
  say(answer.ok ? "" : (found.error ?? `HTTP ${answer.status}`), !answer.ok);
  if (!answer.ok) throw new Error(found.error);
  return found;
}

function say(text, isWrong) {
  $("said").textContent = text;
  $("said").className = isWrong ? "wrong" : "";
}

const records = (id = "") => `/${current.id}/records${id && `/${id}`}`;

/** Return whether only the bot writes a field: what is typed there would be overwritten. */
const isOfBot = (field) => (field.description ?? "").startsWith("Written by the bot:");

/** Return an input that fits a field; `change` gets the new value, null for none. */
function editor(field, value, change) {
  const name = { ariaLabel: field.name };
  if (field.type === "checkbox") {
    const input = el("input", { ...name, type: "checkbox", checked: Boolean(value) });
    input.addEventListener("change", () => change(input.checked || null));
    return input;
  }
  if (field.type === "multipleRecordLinks") return linkEditor(field, value, name, change);
  if (field.type === "multipleAttachments") return el("ul", name, ...(value ?? []).map(attachment));
  if (field.type === "singleSelect") {
    const choices = (field.options?.choices ?? []).map((choice) => el("option", { value: choice.name }, choice.name));
    const input = el("select", name, el("option", { value: "" }), ...choices);
    input.value = value ?? "";
    input.addEventListener("change", () => change(input.value || null));
    return input;
  }
  const isLong = ["multilineText", "richText"].includes(field.type);
  const input = el(isLong ? "textarea" : "input", { ...name, value: written(field, value), rows: 1 });
  input.addEventListener("change", () => change(read(field, input.value)));
  return input;
}

/** Return a file as a link that saves it; pictures are shown. */
function attachment({ url, filename, type }) {
  const picture = type?.startsWith("image/") && el("img", { src: url, alt: "", height: 40 });
  const link = el("a", { href: url, download: filename }, ...[picture, filename].filter(Boolean));
  return el("li", {}, link);
}

/** Return a menu of the records of another table, by their first field. */
function linkEditor(field, value, name, change) {
  const linked = tables.find((table) => table.id === field.options.linkedTableId);
  const input = el("select", name, el("option", { value: "" }));
  const fill = async () => {
    const found = await ask(`/${linked.id}/records`);
    const first = linked.fields[0].id;
    const choices = found.records.map((one) => el("option", { value: one.id }, one.cells[first] ?? one.id));
    input.replaceChildren(el("option", { value: "" }), ...choices);
    input.value = value?.[0] ?? "";
  };
  if (value) fill();
  input.addEventListener("focus", fill, { once: Boolean(value) });
  input.addEventListener("change", () => change(input.value ? [input.value] : null));
  return input;
}

function written(field, value) {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? (value.email ?? value.id) : String(value);
}

function read(field, text) {
  if (!text.trim()) return null;
  if (field.type === "multipleSelects") return text.split(",").map((one) => one.trim()).filter(Boolean);
  if (["number", "percent"].includes(field.type)) return Number(text);
  return field.type === "singleCollaborator" ? { email: text.trim() } : text;
}

function cell(record, field) {
  const made = el("td");
  const show = (value) => {
    const keep = ({ cells }) => {
      const known = shown.get(record.id); // of this field only: another answer may have come first
      known.values = { ...known.values, [field.id]: cells[field.id] };
    };
    const change = (next) => ask(records(record.id), "PATCH", { [field.id]: next }).then(keep, () => show(value));
    const input = editor(field, value, change);
    if (isOfBot(field)) {
      made.className = "bot";
      if ("readOnly" in input && input.type !== "checkbox") input.readOnly = true;
      else input.disabled = true;
    }
    made.replaceChildren(input);
  };
  show(record.cells[field.id]);
  return { made, show };
}

/** Return whether a person is typing in a cell, which must not change meanwhile. */
function isTyping(cell) {
  const active = document.activeElement;
  return cell.contains(active) && (active.tagName === "TEXTAREA" || active.type === "text");
}

function showRecord(record) {
  const known = shown.get(record.id);
  if (!known) {
    const cells = new Map(current.fields.map((field) => [field.id, cell(record, field)]));
    const remove = el("button", { type: "button", ariaLabel: "Delete this record" }, "×");
    remove.addEventListener("click", () => confirm("Delete this record?") && ask(records(record.id), "DELETE"));
    const row = el("tr", {}, ...[...cells.values()].map(({ made }) => made), el("td", {}, remove));
    document.querySelector("tbody").prepend(row);
    shown.set(record.id, { row, cells, values: record.cells });
    return;
  }
  for (const field of current.fields) {
    const [before, now] = [known.values[field.id], record.cells[field.id]];
    const { made, show } = known.cells.get(field.id);
    const isSame = JSON.stringify(before) === JSON.stringify(now);
    if (!isSame && !isTyping(made)) show(now);
    made.classList.toggle("changed", !isSame);
  }
  known.values = record.cells;
}

async function refresh() {
  if (!current) return;
  const table = current;
  const found = await ask(records());
  if (table !== current) return;
  found.records.forEach(showRecord);
  const there = new Set(found.records.map((record) => record.id));
  for (const [id, { row }] of shown) {
    if (there.has(id)) continue;
    row.remove();
    shown.delete(id);
  }
}

function open(table) {
  current = table;
  shown.clear();
  localStorage.setItem("table", table.name);
  const heads = current.fields.map((field) => {
    const title = [field.type, field.description].filter(Boolean).join(": ");
    return el("th", { title, className: isOfBot(field) ? "bot" : "" }, field.name);
  });
  document.querySelector("thead").replaceChildren(el("tr", {}, ...heads, el("th", { textContent: "Delete", className: "unseen" })));
  document.querySelector("tbody").replaceChildren();
  for (const button of $("tables").children) button.ariaCurrent = String(button.textContent === table.name);
  refresh();
}

async function start() {
  const found = await ask("");
  const isNew = JSON.stringify(found.tables) !== JSON.stringify(tables);
  tables = found.tables;
  $("hint").hidden = $("add").hidden = tables.length > 0;
  $("add").hidden = !tables.length;
  if (!isNew || !tables.length) return;
  const button = (table) => {
    const made = el("button", { type: "button" }, table.name);
    made.addEventListener("click", () => open(table));
    return made;
  };
  $("tables").replaceChildren(...tables.map(button));
  open(tables.find((table) => table.name === (current?.name ?? localStorage.getItem("table"))) ?? tables[0]);
}

$("add").addEventListener("click", () => ask(records(), "POST", {}).then(refresh));

const keepUp = () =>
  start()
    .then(refresh)
    .catch((error) => say(error.message, true))
    .finally(() => setTimeout(keepUp, PAUSE));
keepUp();
