// One row of the inspector in a few words.

export const isRight = ({ kind, status }) => kind === "step" || (status !== null && status < 300);

/** Return a webhook, a call or a decision of the bot in a few words. */
export function about(one) {
  if (one.kind === "step") return step(one.request);
  return one.kind === "graph" ? call(one) : webhook(one.request);
}

/** Return whether a person did something here, so that a turn of the conversation begins. */
export function beginsTurn(one) {
  if (one.kind === "step") return one.request.event === "timer";
  return one.kind === "webhook" && isRight(one) && messages(one.request).length > 0;
}

function call({ request, url }) {
  if (request?.typing_indicator) return "typing…";
  if (request?.status === "read") return "read mark";
  if (!request?.type) return url;
  const it = request[request.type] ?? {};
  return `${request.type}: ${it.body?.text ?? it.body ?? it.caption ?? it.name ?? ""}`;
}

const changes = (request) => (request.entry ?? []).flatMap((entry) => entry.changes ?? []);
const messages = (request) => changes(request).flatMap((change) => change.value?.messages ?? []);

function webhook(request) {
  const told = changes(request).flatMap(({ field, value = {} }) => [
    ...(value.messages ?? []).map((one) => `${one.type}: ${words(one)}`),
    ...(value.statuses ?? []).map((one) => one.status),
    ...(value.calls ?? []).map((one) => `call: ${one.event}`),
    ...(value.messages || value.statuses || value.calls ? [] : [field]),
  ]);
  return told.join(", ");
}

function words(message) {
  const it = message[message.type] ?? {};
  return it.body ?? it.caption ?? (it.button_reply ?? it.list_reply)?.title ?? "";
}

/** Return where a conversation stands: "registration: name", a menu, "assistant", or "no flow". */
function place({ flow, menu, with_assistant: assistant }) {
  if (flow) return `${flow.flow}: ${flow.step}`;
  return assistant ? "assistant" : (menu ?? "no flow");
}

function step({ event, stage, before, after, replies }) {
  const [from, to] = [place(before), place(after)];
  const moved = from === to ? to : `${from} → ${to}`;
  const learnt = Object.entries(after.flow?.answers ?? {}).filter(([name, value]) => before.flow?.answers?.[name] !== value);
  const answers = learnt.map(([name, value]) => `${name} = ${value}`);
  const cause = event === "timer" ? "timer" : stage;
  return [cause ? `${cause}: ${moved}` : moved, ...answers, replies === 1 ? "1 reply" : `${replies} replies`].join(" · ");
}
