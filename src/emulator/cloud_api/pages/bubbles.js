// One entry of a conversation as a bubble.

import { formatted } from "./format.js";
import { clockText } from "./studio.js";

export function el(tag, options = {}, ...children) {
  const { data, on, ...properties } = options;
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, data);
  for (const [name, listener] of Object.entries(on ?? {})) made.addEventListener(name, listener);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Those who share the number with the bot. */
const SENDERS = { owner: "The owner, from the phone", agent: "Meta's agent" };

/** What others did, in a line. */
const NOTES = {
  operator: ({ table, set, add, reply, hand_back: back }) =>
    table ? `An operator ${add ? "added a row to" : "changed"} ${table}: ${cells(set ?? add)}` : `An operator, in the inbox: ${reply ?? (back ? "hand back" : "close")}`,
  event: ({ type }) => `Another system told an event: ${type}`,
  notify: ({ template, text }) => `Another system sent a notification: ${template?.name ?? template?.key ?? text}`,
};

const cells = (given) => Object.entries(given).map(([name, value]) => `${name}: ${value ?? "empty"}`).join(", ");

export function bubble(entry, acts) {
  if (entry.type === "clock") return el("li", { className: "note" }, clockText(entry.clock));
  if (NOTES[entry.type]) return el("li", { className: "note" }, NOTES[entry.type](entry[entry.type]));
  const mine = entry.from === "person";
  const made = el("li", { className: `bubble ${mine ? "mine" : "theirs"} ${entry.type}`, data: { id: entry.id ?? "" } });
  if (entry.context?.id) made.append(el("blockquote", {}, formatted(acts.summaryOf(entry.context.id))));
  if (entry.referral) made.append(el("blockquote", {}, `From the ${entry.referral.source_type}: ${entry.referral.headline ?? entry.referral.source_id}`));
  if (SENDERS[entry.from]) made.append(el("p", { className: "foot" }, SENDERS[entry.from]));
  made.append(...content(entry), footer(entry, mine));
  if (entry.type === "interactive" && entry.interactive.action) made.append(choices(entry.interactive, acts));
  if (entry.shown?.buttons.length || entry.shown?.asks_for_calls) made.append(templateButtons(entry.shown, acts));
  for (const card of entry.shown?.cards ?? []) made.append(el("div", { className: "card" }, ...template(card), templateButtons(card, acts)));
  if (entry.id) made.append(tools(entry, acts, mine));
  return made;
}

function content(entry) {
  const it = entry[entry.type];
  switch (entry.type) {
    case "text":
    case "button":
      return [el("p", {}, formatted(it.body ?? it.text ?? ""))];
    case "interactive":
      return interactive(it);
    case "image":
    case "sticker":
      return media(el("img", { alt: it.caption ?? entry.type, src: source(it), loading: "lazy" }), it);
    case "video":
      return media(el("video", { controls: true, src: source(it) }), it);
    case "audio":
      return media(el("audio", { controls: true, src: source(it) }), it);
    case "document":
      return media(el("a", { href: source(it), download: it.filename ?? "file" }, `📄 ${it.filename ?? "Document"}`), it);
    case "location":
      return [el("p", { className: "head" }, `📍 ${it.name ?? "Location"}`), el("p", {}, [it.address, `${it.latitude}, ${it.longitude}`].filter(Boolean).join("\n"))];
    case "contacts":
      return it.map(card);
    case "template":
      return template(entry.shown);
    case "call":
      return [el("p", {}, callText(entry))];
    case "refused":
      return [el("p", { className: "head" }, it.message), el("p", {}, it.details), el("p", {}, it.remedy)];
    default:
      return [el("p", { className: "foot" }, `[${entry.type}]`)];
  }
}

/** What the chat shows of a call that has ended. */
function callText({ from, call }) {
  if (call.outcome === "completed") return `📞 Voice call · ${Math.floor(call.seconds / 60)}:${String(call.seconds % 60).padStart(2, "0")}`;
  if (from === "bot") return call.outcome === "declined" ? "📞 Voice call · declined" : "📞 Missed voice call";
  return call.outcome === "declined" ? "📞 Voice call · the business declined" : "📞 Voice call · no answer";
}

const source = (it) => it.link ?? `/emulator/media/${encodeURIComponent(it.id)}`;

const media = (shown, it) => [shown, it.caption ? el("p", {}, formatted(it.caption)) : null].filter(Boolean);

function card(contact) {
  const phones = (contact.phones ?? []).map((each) => each.phone);
  const mails = (contact.emails ?? []).map((each) => each.email);
  return el("p", {}, `👤 ${contact.name?.formatted_name ?? ""}\n${[...phones, ...mails].join("\n")}`);
}

function template(shown) {
  const part = (className, text) => text && el("p", { className }, formatted(text));
  return [shown.file && heading(shown.file), part("head", shown.header), part("", shown.body), part("foot", shown.offer && `⏳ ${shown.offer}`), part("foot", shown.footer)].filter(Boolean);
}

/** What a request for the permission to call offers: for a week, for good, or not. */
function permissionButtons(acts) {
  const choices = [["Allow calls", "accept", false], ["Always allow", "accept", true], ["Not now", "reject", false]];
  return choices.map(([label, response, isPermanent]) => el("button", { type: "button", on: { click: () => acts.allowCalls(response, isPermanent) } }, label));
}

function templateButtons({ buttons, asks_for_calls: asks }, acts) {
  const made = el("div", { className: "choices" });
  if (asks) made.append(...permissionButtons(acts));
  for (const { type, text, url, payload, code } of buttons) {
    if (type === "VOICE_CALL") made.append(el("button", { type: "button", on: { click: () => acts.call(payload) } }, `📞 ${text}`));
    else if (type === "URL") made.append(el("a", { href: url, target: "_blank", rel: "noreferrer" }, `↗ ${text}`));
    else if (type === "QUICK_REPLY") made.append(el("button", { type: "button", on: { click: () => acts.tapTemplate({ payload, text }) } }, text));
    else made.append(el("p", { className: "foot" }, code ? `${text}: ${code}` : text));
  }
  return made;
}

function permissionText({ response, is_permanent: isPermanent }) {
  if (response !== "accept") return "Calls not allowed";
  return isPermanent ? "Calls always allowed" : "Calls allowed";
}

function interactive(it) {
  if (it.nfm_reply) return [el("p", { className: "head" }, "Form sent"), el("p", {}, it.nfm_reply.response_json)];
  if (it.call_permission_reply) return [el("p", {}, permissionText(it.call_permission_reply))];
  if (it.button_reply || it.list_reply) return [el("p", {}, (it.button_reply ?? it.list_reply).title)];
  const header = it.header && (it.header.text ? el("p", { className: "head" }, it.header.text) : heading(it.header));
  const footer = it.footer && el("p", { className: "foot" }, it.footer.text);
  return [header, it.body && el("p", {}, formatted(it.body.text)), footer].filter(Boolean);
}

function heading(header) {
  const file = header[header.type] ?? {};
  if (header.type === "location" && file.name) return el("p", { className: "head" }, `📍 ${file.name}\n${file.address}`);
  return header.type === "image" ? el("img", { alt: "", src: source(file) }) : el("p", {}, `[${header.type}]`);
}

function choices(it, acts) {
  const made = el("div", { className: "choices" });
  const act = (label, run) => el("button", { type: "button", on: { click: run } }, label);
  if (it.type === "button") {
    for (const { reply } of it.action.buttons) made.append(act(reply.title, () => acts.tapButton(reply)));
  } else if (it.type === "list") {
    made.append(act(`☰ ${it.action.button}`, () => acts.openList(it.action)));
  } else if (it.type === "cta_url") {
    const { url, display_text: text } = it.action.parameters;
    made.append(el("a", { href: url, target: "_blank", rel: "noreferrer" }, `↗ ${text}`));
  } else if (it.type === "location_request_message") {
    made.append(act("Send location", acts.sendLocation));
  } else if (it.type === "request_contact_info" || it.type === "contact_request") {
    made.append(act("Share my number", acts.shareNumber));
  } else if (it.type === "call_permission_request") {
    made.append(...permissionButtons(acts));
  } else if (it.type === "voice_call") {
    made.append(act(`📞 ${it.action.parameters?.display_text ?? "Call Now"}`, () => acts.call(it.action.parameters?.payload)));
  } else if (it.type === "flow") {
    made.append(act(it.action.parameters.flow_cta, acts.fillFlow));
  } else if (it.type === "carousel") {
    made.append(...it.action.cards.map((each) => el("p", { className: "foot" }, each.body?.text ?? `[${each.type ?? "card"}]`)));
  } else {
    made.append(el("p", { className: "foot" }, `[${it.type}]`));
  }
  return made;
}

/** Return the time of day of a moment in seconds. */
export const timeOf = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function footer(entry, mine) {
  const ticks = mine && entry.id ? el("span", { className: "ticks", title: "delivered" }, " ✓✓") : null;
  return el("footer", {}, timeOf(entry.at ?? 0), ticks);
}

function tools(entry, acts, mine) {
  const tool = (label, name, run) => el("button", { type: "button", title: name, ariaLabel: name, on: { click: run } }, label);
  const made = el("div", { className: "tools" }, tool("↩", "Quote", () => acts.quote(entry)));
  if (!mine) made.append(...["👍", "❤️"].map((emoji) => tool(emoji, `React with ${emoji}`, () => acts.react(entry, emoji))));
  return made;
}

export function summary(entry) {
  if (entry?.type === "call") return callText(entry);
  const it = entry?.[entry.type];
  if (!it) return "A message";
  return entry.shown?.body ?? it.body?.text ?? it.body ?? it.text ?? it.caption ?? (it.button_reply ?? it.list_reply)?.title ?? `[${entry.type}]`;
}
