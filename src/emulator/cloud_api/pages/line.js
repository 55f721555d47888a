// The connection to the emulator: requests, events, and whether it runs.

const AWAY = "The emulator is not running. Start it with: python3 watch.py";
const RETRY = 1000;

/** Show a problem; an empty text hides it. */
export function tell(text) {
  const trouble = document.getElementById("trouble");
  trouble.textContent = text;
  trouble.hidden = !text;
}

/** Return what the emulator answers; throws an error that says why it does not. */
export async function ask(path, options = {}) {
  const answer = await fetch(path, options).catch(() => {
    throw new Error(AWAY);
  });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.error ?? `${path}: HTTP ${answer.status}`);
  tell("");
  return found;
}

/** Call `heard` with each event after a place, or `restarted` when the emulator does not know that place. */
export function follow(path, after, { heard, restarted }) {
  let place = after;
  const events = new EventSource(`${path}?after=${place}`);
  const at = (act) => ({ data, lastEventId }) => {
    place = lastEventId;
    act(JSON.parse(data));
  };
  events.onmessage = at(heard);
  events.addEventListener("restarted", at(restarted));
  events.onopen = () => tell("");
  events.onerror = () => {
    tell(AWAY);
    const isGivenUp = events.readyState === EventSource.CLOSED; // the browser does not try again by itself
    if (isGivenUp) setTimeout(() => follow(path, place, { heard, restarted }), RETRY);
  };
}
