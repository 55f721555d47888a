// Passkeys: makes them, lists them, and signs in by one.
import { get, send } from "./api.js";
import { fullTime, make, tell } from "./format.js";

const isAddress = /^[\d.]+$|^\[/.test(location.hostname); // browsers make no passkeys for bare addresses
export const canHavePasskeys =
  !isAddress && Boolean(globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON);

// Returns whether the operator is signed in; what goes wrong is an Error that says so.
export async function signIn() {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await send("POST", "session/options"));
  const credential = await asked(navigator.credentials.get({ publicKey }));
  await send("POST", "session/passkey", {}, { credential: credential.toJSON() });
}

async function asked(credential) {
  try {
    return await credential;
  } catch {
    throw new Error("The browser made no passkey, or you cancelled.");
  }
}

const dialog = document.getElementById("passkeys");
const list = document.getElementById("passkey-list");

export async function showPasskeys() {
  try {
    await draw();
    dialog.showModal();
  } catch (error) {
    tell(error.message);
  }
}

async function draw() {
  const { passkeys } = await get("passkeys");
  list.replaceChildren(...passkeys.map(row));
  if (!passkeys.length) list.append(make("li", { textContent: "You have none yet." }));
}

function row(one) {
  const used = one.used_at ? `used ${fullTime(one.used_at)}` : `added ${fullTime(one.created_at)}`;
  const off = make("button", { type: "button", className: "quiet", textContent: "Remove" });
  off.setAttribute("aria-label", `Remove ${one.name}`);
  off.addEventListener("click", () => attempt(send("DELETE", "passkeys", { id: one.id })));
  return make("li", { className: "line" }, make("span", { textContent: `${one.name}, ${used}` }), off);
}

async function attempt(done) {
  try {
    await done;
    await draw();
  } catch (error) {
    tell(error.message);
  }
}

async function add(name) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await send("POST", "passkeys/options"));
  const credential = await asked(navigator.credentials.create({ publicKey }));
  await send("POST", "passkeys", {}, { name, credential: credential.toJSON() });
}

dialog?.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { name } = event.target.elements;
  attempt(add(name.value));
  name.value = "";
});
dialog?.querySelector("[name=cancel]").addEventListener("click", () => dialog.close());
