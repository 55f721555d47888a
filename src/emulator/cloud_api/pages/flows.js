// The map of the flows, with the step lit at which a person stands.

import { el } from "./bubbles.js";
import { ask, follow } from "./line.js";

const $ = (id) => document.getElementById(id);
const SOON = 400; // after an entry the bot is asked where the person stands, in milliseconds
const RETRY = 2_000; // after the bot did not say
let waiting = null;

/** Light the step of the chosen person; `moves` scrolls there if it is another one. */
async function light({ moves = true } = {}) {
  const wa_id = $("person").value;
  if (!wa_id) return;
  const known = await ask(`/emulator/contacts/${encodeURIComponent(wa_id)}/known`).catch(() => null);
  if (wa_id !== $("person").value) return; // another one was chosen meanwhile
  if (known === null) {
    $("here").textContent = "The bot does not say.";
    return soon(RETRY);
  }
  const { flow = null, step = null, menu = null } = known;
  const before = document.querySelector("section.here")?.id;
  for (const one of document.querySelectorAll(".here")) one.classList.remove("here");
  for (const one of document.querySelectorAll("[aria-current]")) one.removeAttribute("aria-current");
  const section = document.getElementById(flow ?? menu ?? "");
  section?.classList.add("here");
  const node = flow && document.querySelector(`[data-of="${CSS.escape(flow)}"][data-node="${CSS.escape(step)}"]`);
  node?.classList.add("here");
  node?.setAttribute("aria-current", "step");
  $("here").textContent = flow ? `is at ${flow}: ${step}` : menu ? `has the menu ${menu}` : "is in no flow";
  if (section && moves && section.id !== before) section.scrollIntoView({ block: "nearest" });
}

function soon(pause = SOON) {
  clearTimeout(waiting);
  waiting = setTimeout(light, pause);
}

function hear({ entry, wa_id, flows, forgotten }) {
  if (flows) return location.reload();
  if (forgotten !== undefined || (entry && wa_id === $("person").value)) soon();
}

async function load() {
  const known = await ask("/emulator/contacts");
  const chosen = /^#\d+$/.test(location.hash) ? location.hash.slice(1) : localStorage.getItem("person");
  $("person").replaceChildren(...known.contacts.map((one) => el("option", { value: one.wa_id, selected: one.wa_id === chosen }, `${one.name} +${one.wa_id}`)));
  light();
  return known.last_event;
}

for (const node of document.querySelectorAll(".node")) {
  const tell = () => ($("about").textContent = `${node.dataset.of}: ${node.dataset.node}\n${node.dataset.about}`);
  node.addEventListener("mouseenter", tell);
  node.addEventListener("focus", tell);
}
$("person").addEventListener("change", () => light());

follow("/emulator/events", await load(), { heard: hear, restarted: load });
