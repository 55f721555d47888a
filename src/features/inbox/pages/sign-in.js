// Opens a session with the secret behind the # of the link, which no server log sees.
import { HOME, send } from "./api.js";
import { canHavePasskeys, signIn as signInByPasskey } from "./passkeys.js";

const said = document.getElementById("said");

async function signIn() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  if (!token) return tell("You are not signed in, or your session has ended.");
  try {
    await send("POST", "session", {}, { token });
    location.replace(HOME);
  } catch (error) {
    tell(error.message);
  }
}

function tell(text) {
  said.textContent = text;
  document.getElementById("how").hidden = false;
  passkey.hidden = !canHavePasskeys;
}

const passkey = document.getElementById("passkey");
passkey.addEventListener("click", async () => {
  try {
    await signInByPasskey();
    location.replace(HOME);
  } catch (error) {
    tell(error.message);
  }
});

signIn();
