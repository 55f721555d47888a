// A conversation as a story: YAML that `watch.py story run` and the tests tell again. JSON is YAML too,
// so every value is written as JSON.

import { askFor } from "./asking.js";
import { el } from "./bubbles.js";
import { ask } from "./line.js";

const FILES = ["image", "video", "audio", "document"];
const spoken = (entry) => entry[entry.type];

/** The number with its last seven digits left open, so that each run has a person of its own. */
const anybody = (wa_id) => wa_id.slice(0, -7) + "#".repeat(Math.min(7, wa_id.length));

export function asStory(person, title) {
  const lines = [`story: ${JSON.stringify(title)}`, `from: ${JSON.stringify(anybody(person.wa_id))}`];
  lines.push(`name: ${JSON.stringify(person.name)}`);
  if (person.hides_phone) lines.push("hide_phone: true");
  lines.push("turns:");
  let hears = false;
  for (const entry of person.entries) {
    if (["read", "typing", "refused"].includes(entry.type) || isSilent(entry)) continue;
    if (entry.from !== "bot") {
      lines.push(`- ${act(entry, person)}`);
      hears = false;
    } else if (lines.at(-1) !== "turns:") {
      if (!hears) lines.push("  hear:");
      lines.push(`  - ${JSON.stringify(heard(entry))}`);
      hears = true;
    }
  }
  return lines.join("\n") + "\n";
}

/** What the person said first, as a title. */
function titleOf({ name, entries }) {
  const first = entries.find(({ from, type }) => from !== "bot" && type === "text");
  return first ? `${name}: ${spoken(first).body.slice(0, 50)}` : "A conversation with the bot";
}

/** Ask for a title, and save the conversation in the project; without one, offer it as a download. */
export async function saveStory(person) {
  const title = await askFor("Title of the story", titleOf(person), { act: "Save" });
  if (!title) return;
  const text = asStory(person, title);
  const given = { method: "POST", body: JSON.stringify({ title, text }), headers: { "Content-Type": "application/json" } };
  const { name, file } = await ask("/emulator/stories", given);
  if (name) return showSaved(name, file);
  const download = `${title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-")}.yaml`;
  el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/yaml" })), download }).click();
}

/** Say where the story is, and how to run it, until the developer closes the message. */
function showSaved(name, file) {
  const run = `python3 watch.py test tests/acceptance/test_stories.py -k ${name}`;
  const close = el("button", { type: "button", on: { click: () => dialog.close() } }, "Close");
  const dialog = el("dialog", { ariaLabel: "The story is saved", on: { close: () => dialog.remove() } },
    el("p", {}, "Saved as ", el("code", {}, file)), el("p", {}, "Run it as a test:"), el("p", {}, el("code", {}, run)), close);
  document.body.append(dialog);
  dialog.showModal();
}

/** Calls of the business are not heard in a chat, and a clock that goes back is no act. */
const isSilent = ({ type, from, clock }) => (type === "call" && from === "bot") || (type === "clock" && clock.seconds <= 0);

function act(entry, { wa_id }) {
  const it = spoken(entry);
  if (entry.type === "clock") return `wait: ${it.seconds}`;
  if (entry.type === "call") return `call: ${JSON.stringify(it.keys ?? "")}`;
  if (["operator", "event", "notify"].includes(entry.type)) return `${entry.type}: ${JSON.stringify(it).replaceAll(wa_id, "{phone}")}`;
  if (FILES.includes(entry.type)) return `file: ${JSON.stringify(file(entry.type, it))}`;
  if (entry.type === "text") return `say: ${JSON.stringify(it.body)}`;
  const tapped = entry.type === "interactive" && (it.button_reply ?? it.list_reply);
  if (tapped) return `tap: ${JSON.stringify(tapped.title)}`;
  return `send: ${JSON.stringify({ type: entry.type, [entry.type]: it })}`;
}

/** A file by its name and type: its content stands beside the story, or is a sample. */
function file(type, { filename, mime_type, caption, voice }) {
  const bare = mime_type.split(";")[0];
  const made = { name: filename ?? `${type}.${bare.split("/")[1]}`, type: bare };
  if (caption) made.caption = caption;
  if (voice) made.voice = true;
  return made;
}

function heard(entry) {
  const it = spoken(entry);
  if (entry.type === "text") return it.body;
  if (entry.type === "template") return entry.shown.body;
  return entry.type === "interactive" ? it.body.text : `[${entry.type}]`;
}
