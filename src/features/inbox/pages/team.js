// Invites and removes operators, and hides numbers from agents.
import { BASE, send } from "./api.js";
import { tell } from "./format.js";

const invite = document.getElementById("invite");
const hide = document.getElementById("hide");

async function attempt(asked) {
  try {
    return (await asked) ?? true;
  } catch (error) {
    tell(error.message);
    return null;
  }
}

invite?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, role } = invite.elements;
  const made = await attempt(send("POST", "operators", {}, { name: name.value, role: role.value }));
  if (!made) return;
  const link = new URL(made.path, location.href).href;
  const code = document.createElement("code");
  code.textContent = link;
  const said = `Send this link to ${name.value} and nobody else. It signs in one browser, once, within a day: `;
  document.getElementById("link").replaceChildren(said, code);
  name.value = "";
  await redraw();
  if (await navigator.clipboard?.writeText(link).then(() => true, () => false)) tell("The link is copied.");
});

const operators = document.getElementById("operators");

// The table as it is now: who was invited or removed, and who is here.
async function redraw() {
  const page = await fetch(`${BASE}team`);
  const shown = new DOMParser().parseFromString(await page.text(), "text/html");
  operators.replaceChildren(...shown.getElementById("operators").childNodes);
}

operators.addEventListener("click", async ({ target }) => {
  const name = target.dataset.revoke;
  if (!name || !confirm(`Remove ${name}? All their browsers are signed out.`)) return;
  if (await attempt(send("DELETE", "operators", { name }))) await redraw();
});

hide.addEventListener("change", async () => {
  const is_on = hide.checked;
  if (!(await attempt(send("POST", "masks", {}, { is_on })))) hide.checked = !is_on;
  else tell(is_on ? "Agents see the last two digits." : "Agents see whole numbers.");
});
