// Invites and removes operators, and hides numbers from agents.
import { send } from "./api.js";
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
  const said = "Send this link to nobody else. It signs one browser in, once, within a day: ";
  document.getElementById("link").replaceChildren(said, code);
  name.value = "";
  if (await navigator.clipboard?.writeText(link).then(() => true, () => false)) tell("The link is copied.");
});

for (const button of document.querySelectorAll("[data-revoke]")) {
  button.addEventListener("click", async () => {
    const name = button.dataset.revoke;
    if (!confirm(`Remove ${name}? All their browsers are signed out.`)) return;
    if (await attempt(send("DELETE", "operators", { name }))) button.closest("tr").remove();
  });
}

hide.addEventListener("change", async () => {
  const is_on = hide.checked;
  if (!(await attempt(send("POST", "masks", {}, { is_on })))) hide.checked = !is_on;
  else tell(is_on ? "Agents see the last two digits." : "Agents see whole numbers.");
});
