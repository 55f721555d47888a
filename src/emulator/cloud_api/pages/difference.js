// A decision of the bot: which stage took the message, and what changed in the state.

import { el } from "./bubbles.js";

const $ = (id) => document.getElementById(id);

/** Return the parts of a state by their paths: "flow.answers.name" -> "Ana". */
function parts(value, path = "", found = new Map()) {
  const isBranch = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isBranch) for (const [name, inner] of Object.entries(value)) parts(inner, path ? `${path}.${name}` : name, found);
  else found.set(path, typeof value === "string" ? value : JSON.stringify(value));
  return found;
}

/** Return [path, before, after] of each part that changed; null for one that is not there. The flow comes first. */
export function difference(before, after) {
  const [old, fresh] = [parts(before), parts(after)];
  const isFlow = (path) => path.startsWith("flow.");
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort((one, other) => isFlow(other) - isFlow(one) || (one < other ? -1 : 1));
  return paths.map((path) => [path, old.get(path) ?? null, fresh.get(path) ?? null]).filter(([, one, other]) => one !== other);
}

function cell(tag, text) {
  return el("td", { dir: "auto" }, text === null ? el("span", { className: "none" }, "(none)") : el(tag, {}, text));
}

export function showDifference({ event, stage, text, replies, took_ms: took, before, after }) {
  const rows = difference(before ?? {}, after ?? {});
  const facts = [
    ["Stage", stage ? el("a", { href: `/flows#stage-${stage}`, title: "The row of the routing table" }, stage) : null],
    ["Event", event],
    ["Message", text],
    ["Replies", replies === undefined ? null : String(replies)],
    ["Took", took === undefined ? null : `${Math.round(took)} ms`],
  ];
  $("facts").replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)]));
  $("changes").replaceChildren(...rows.map(([path, one, other]) => el("tr", {}, el("th", { scope: "row" }, path), cell("del", one), cell("ins", other))));
  $("changes").parentElement.hidden = rows.length === 0;
  $("same").hidden = rows.length > 0;
  $("states").textContent = JSON.stringify({ before, after }, null, 2);
}
