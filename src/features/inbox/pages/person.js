// What is known of the person of the open conversation.
import { actions } from "./acts.js";
import { fullTime, make, redraw } from "./format.js";
import { list } from "./list.js";

const panel = document.getElementById("person");
const languages = new Intl.DisplayNames("en", { type: "language" });

export function showPerson(conversation, act) {
  const { thread, person, operators, tags, later } = conversation;
  const typed = panel.querySelector("#new-tag")?.value ?? "";
  const isTyped = document.activeElement?.id === "new-tag";
  const facts = [
    ["Phone", person.phone],
    ["Language", person.language && languages.of(person.language)],
    ["Registered", person.registered_at && fullTime(person.registered_at)],
    ["Role", person.role],
    ["Agreed to data storage", person.agreed_at && fullTime(person.agreed_at)],
    ["Agreed to offers", person.offers_at && fullTime(person.offers_at)],
    ["Stopped offers", person.offers_stopped_at && fullTime(person.offers_stopped_at)],
    ["Came from", person.came_from],
    ["Opted out", person.opted_out_at && fullTime(person.opted_out_at)],
    [person.is_window_closed ? "Replies reached them until" : "Replies reach them until", person.window_closes_at && fullTime(person.window_closes_at)],
    ...Object.entries(person.answers),
  ].filter(([, value]) => value);
  if (panel.dataset.key !== thread.key) panel.replaceChildren(); // nothing of one person is kept for another
  panel.dataset.key = thread.key;
  redraw(
    panel,
    make("div", { className: "title" }, make("h2", { textContent: person.name, dir: "auto" }), closing()),
    assignment(thread, operators, act),
    tagging(tags, act),
    pairs(facts),
    ...requests(person.requests),
    ...notes(person.notes),
    ...records(person.records),
    ...waiting(later, act),
    actions(conversation, act),
  );
  const field = panel.querySelector("#new-tag");
  field.value = typed;
  if (isTyped) field.focus();
}

// Where the screen has no room for both, this leads back to the conversation.
function closing() {
  const button = make("button", { type: "button", className: "back", textContent: "✕" });
  button.setAttribute("aria-label", "Back to the conversation");
  button.addEventListener("click", () => (document.body.dataset.view = "thread"));
  return button;
}

function tagging(tags, act) {
  const known = list.tags.filter((tag) => !tags.includes(tag));
  const field = make("input", { id: "new-tag", maxLength: 40, placeholder: "Add a tag", autocomplete: "off" });
  field.setAttribute("aria-label", "Add a tag");
  field.setAttribute("list", "known-tags");
  const options = known.map((value) => make("option", { value }));
  const form = make("form", {}, field, make("datalist", { id: "known-tags" }, ...options));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tag = field.value.trim();
    field.value = "";
    if (tag) act("tag", { tag });
  });
  return make("div", { className: "tags" }, ...tags.map((tag) => tagOf(tag, act)), form);
}

function tagOf(tag, act) {
  const off = make("button", { type: "button", className: "quiet", textContent: "✕" });
  off.setAttribute("aria-label", `Take the tag ${tag} off`);
  off.addEventListener("click", () => act("untag", { tag }));
  return make("span", { className: "badge tag" }, tag, off);
}

function assignment(thread, operators, act) {
  const names = new Set([...operators, ...(thread.assigned_to ? [thread.assigned_to] : [])]);
  const choice = make(
    "select",
    { id: "assigned" },
    make("option", { value: "", textContent: "Nobody" }),
    ...[...names].map((name) => make("option", { value: name, textContent: name, defaultSelected: name === thread.assigned_to })),
  );
  choice.addEventListener("change", () => act("assign", { name: choice.value || null }));
  return make("label", { htmlFor: "assigned" }, "Taken care of by", choice);
}

function waiting(later, act) {
  if (!later.length) return [];
  const rows = later.map((one) => {
    const off = make("button", { type: "button", className: "quiet", textContent: "Do not send" });
    off.addEventListener("click", () => act("later", undefined, { method: "DELETE", query: { id: one.id } }));
    const title = `${fullTime(one.at)} · ${one.author}`;
    const line = make("li", {}, make("h4", { textContent: title }), make("p", { dir: "auto" }, one.text), off);
    line.dataset.id = one.id;
    return line;
  });
  return [make("h3", { textContent: "To be sent later" }), make("ul", {}, ...rows)];
}

function pairs(facts) {
  const rows = facts.flatMap(([name, value]) => [
    make("dt", { textContent: name }),
    make("dd", { textContent: value, dir: "auto" }),
  ]);
  return make("dl", {}, ...rows);
}

function requests(found) {
  if (!found.length) return [];
  const shown = found.map((one) => {
    const state = one.closed_at ? "done" : one.answered_by ? "open" : "waits";
    const words = [fullTime(one.at), state, one.answered_by && `answered by ${one.answered_by}`];
    return make("li", { textContent: words.filter(Boolean).join(" · ") });
  });
  return [make("h3", { textContent: "Asked for a person" }), make("ul", {}, ...shown)];
}

function notes(found) {
  if (!found.length) return [];
  const shown = found.map((one) => {
    const title = `${one.author} · ${fullTime(one.at)}`;
    return make("li", {}, make("h4", { textContent: title }), make("p", { textContent: one.text, dir: "auto" }));
  });
  return [make("h3", { textContent: "Notes" }), make("ul", {}, ...shown)];
}

function records(found) {
  if (!found.length) return [];
  const shown = found.map((one) => {
    const title = `${one.collection} · ${one.status ?? "New"} · ${fullTime(one.at)}`;
    const facts = Object.entries(one.fields).map(([name, value]) => [name, String(value)]);
    return make("li", {}, make("h4", { textContent: title }), pairs(facts));
  });
  return [make("h3", { textContent: "Records" }), make("ul", {}, ...shown)];
}
