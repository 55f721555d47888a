// A conversation as a story: YAML that `watch.py story run` and the tests tell again. JSON is YAML too,
// so every value is written as JSON.

const FILES = ["image", "video", "audio", "document", "sticker"];
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
    if (["read", "typing", "refused", "call", "clock"].includes(entry.type)) continue;
    if (entry.from === "person") {
      lines.push(`- ${act(entry)}`);
      hears = false;
    } else if (lines.at(-1) !== "turns:") {
      if (!hears) lines.push("  hear:");
      lines.push(`  - ${JSON.stringify(heard(entry))}`);
      hears = true;
    }
  }
  return lines.join("\n") + "\n";
}

function act(entry) {
  const it = spoken(entry);
  if (entry.type === "text") return `say: ${JSON.stringify(it.body)}`;
  const tapped = entry.type === "interactive" && (it.button_reply ?? it.list_reply);
  if (tapped) return `tap: ${JSON.stringify(tapped.title)}`;
  return `send: ${JSON.stringify({ type: entry.type, [entry.type]: FILES.includes(entry.type) ? anyFile(it) : it })}`;
}

/** A file without what only this emulator knows: in a story, there is nothing behind its id. */
const anyFile = ({ url, sha256, ...file }) => ({ ...file, id: "1" });

function heard(entry) {
  const it = spoken(entry);
  if (entry.type === "text") return it.body;
  return entry.type === "interactive" ? it.body.text : `[${entry.type}]`;
}
