// The line to the emulator: what it is asked, what it tells by itself, and whether it is there at all.

const AWAY = "The emulator is away. It is started with: python3 watch.py";
const RETRY = 1000;

/** Say what is wrong, or nothing any more. */
export function tell(text) {
  const trouble = document.getElementById("trouble");
  trouble.textContent = text;
  trouble.hidden = !text;
}

/** What the emulator answers; where it does not, an error that says why. */
export async function ask(path, options = {}) {
  const answer = await fetch(path, options).catch(() => {
    throw new Error(AWAY);
  });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.error ?? `${path}: HTTP ${answer.status}`);
  tell("");
  return found;
}

/** Hear of each event after a place. An emulator that was started again knows no such place: `restarted`. */
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
    const isGivenUp = events.readyState === EventSource.CLOSED; // by the browser: something else answered
    if (isGivenUp) setTimeout(() => follow(path, place, { heard, restarted }), RETRY);
  };
}
