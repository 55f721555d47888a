// Asks the browser to tell the operator: while the page is hidden, and, where the bot can, while it is closed.
import { BASE, get, send } from "./api.js";

const WORKER = `${BASE}pages/worker.js`;

// Returns what the operator reads about it.
export async function allowNotices() {
  const answer = await globalThis.Notification?.requestPermission(); // some phones have none
  if (answer !== "granted") return "The browser does not allow it.";
  return (await subscribe())
    ? "You will be told when somebody waits, also while the inbox is closed."
    : "You will be told when somebody waits, while the inbox is open.";
}

async function subscribe() {
  const { key } = await get("push");
  if (!key || !navigator.serviceWorker) return false;
  try {
    const worker = await navigator.serviceWorker.register(WORKER);
    const pushed = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await send("POST", "push", {}, { endpoint: pushed.endpoint });
    return true;
  } catch {
    return false; // no push service can be reached, or the bot does not know it
  }
}

// Whoever signs out is told nothing more in this browser.
export async function forgetNotices() {
  const worker = await navigator.serviceWorker?.getRegistration(WORKER);
  const pushed = await worker?.pushManager?.getSubscription();
  if (!pushed) return;
  await send("DELETE", "push", { endpoint: pushed.endpoint });
  await pushed.unsubscribe();
}
