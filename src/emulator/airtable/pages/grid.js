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
  if (!answer.ok) throw new Error(found.error ?? `HTTP ${answer.status}`);
  return found;
}

/** Change something. Why it is refused stays on the page until the next change. */
async function alter(path, method, body) {
  try {
    const found = await ask(path, method, body);
    say("");
    return found;
  } catch (error) {
    say(error.message);
    throw error;
  }
}

function say(text) {
  $("said").textContent = text;
}

const records = (id = "") => `/${current.id}/records${id && `/${id}`}`;

/** Return whether the bot has a record: until then its first cell is empty, if it writes that. */
const isTaken = (cells) => !isOfBot(current.fields[0]) || Boolean(cells[current.fields[0].id]);

const isOfBot = (field) => (field.description ?? "").startsWith("Written by the bot:");
const isOfAdder = (field) => (field.description ?? "").startsWith("Yours in a record that you add.");

/** Return whether only the bot writes a cell: what is typed there would be overwritten. */
const isClosed = (field, cells) => isOfBot(field) || (isOfAdder(field) && isTaken(cells));

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
  if (DAYS[field.type] && !isOfBot(field)) return dayEditor(field, value, name, change);
  const isName = field === current.fields[0] && isOfBot(field); // which may take two lines
  const isLong = isName || ["multilineText", "richText"].includes(field.type);
  const input = el(isLong ? "textarea" : "input", { ...name, value: written(field, value), rows: 1 });
  if (isName) input.placeholder = "(new record)";
  input.addEventListener("change", () => change(read(field, input.value)));
  return input;
}

const DAYS = { date: "date", dateTime: "datetime-local" };

/** Return a picker, so that nobody wonders which of 5/6 is the month. Times are in UTC. */
function dayEditor(field, value, name, change) {
  const input = el("input", { ...name, type: DAYS[field.type], value: written(field, value).replace(" ", "T") });
  input.addEventListener("change", () => {
    const isHalfTyped = input.value && Number(input.value.slice(0, 4)) < 1000; // 0199-06-05
    if (!isHalfTyped) change(input.value ? input.value + (field.type === "date" ? "" : ":00Z") : null);
  });
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
    const named = (one) => one.cells[first] ?? "(new record)";
    const choices = found.records.map((one) => el("option", { value: one.id }, named(one)));
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
  if (field.type === "dateTime") return new Date(value).toISOString().slice(0, 16).replace("T", " ");
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
  const show = (value, cells) => {
    const keep = (taken) => (made.shown = JSON.stringify(taken.cells[field.id]));
    const change = (next) =>
      alter(records(record.id), "PATCH", { [field.id]: next }).then(keep, () => show(value, cells));
    const input = editor(field, value, change);
    const isBots = isClosed(field, cells);
    made.classList.toggle("bot", isBots);
    if (isBots) {
      if ("readOnly" in input && input.type !== "checkbox") input.readOnly = true;
      else input.disabled = true;
    }
    made.replaceChildren(input);
    made.shown = JSON.stringify(value);
  };
  show(record.cells[field.id], record.cells);
  return { made, show };
}

/** Return whether a person is typing in a cell, which must not change meanwhile. */
function isTyping(cell) {
  const active = document.activeElement;
  if (!cell.contains(active)) return false;
  if (Object.values(DAYS).includes(active.type)) return active.validity.badInput; // half a date
  return active.tagName === "TEXTAREA" || active.type === "text";
}

function showRecord(record) {
  const known = shown.get(record.id);
  if (!known) {
    const cells = new Map(current.fields.map((field) => [field.id, cell(record, field)]));
    const remove = el("button", { type: "button", ariaLabel: "Delete this record" }, "×");
    remove.addEventListener("click", () => confirm("Delete this record?") && alter(records(record.id), "DELETE"));
    const row = el("tr", {}, ...[...cells.values()].map(({ made }) => made), el("td", {}, remove));
    document.querySelector("tbody").prepend(row);
    shown.set(record.id, { row, cells });
    return;
  }
  for (const field of current.fields) {
    const now = record.cells[field.id];
    const { made, show } = known.cells.get(field.id);
    const isSame = made.shown === JSON.stringify(now);
    const isOther = !isSame || made.classList.contains("bot") !== isClosed(field, record.cells);
    if (isOther && !isTyping(made)) show(now, record.cells);
    made.classList.toggle("changed", !isSame);
  }
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
    const type = field.type === "dateTime" ? "dateTime (UTC)" : field.type;
    const title = [type, field.description].filter(Boolean).join(": ");
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

$("add").addEventListener("click", async () => {
  await alter(records(), "POST", {});
  await refresh();
  document.querySelector("main").scrollTo({ top: 0, left: 0 });
});

const keepUp = () =>
  start()
    .then(refresh)
    .then(() => $("said").classList.contains("away") && say(""))
    .then(
      () => $("said").classList.remove("away"),
      (error) => ($("said").classList.add("away"), say(error.message)),
    )
    .finally(() => setTimeout(keepUp, PAUSE));
keepUp();
