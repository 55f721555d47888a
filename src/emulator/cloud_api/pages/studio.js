// The clock that emulator and bot share, and people who start afresh.

const $ = (id) => document.getElementById(id);

/** Return a time as people say it: "25 h", "2 min". */
export function duration(seconds) {
  if (Math.abs(seconds) >= 3600) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 60)} min`;
}

/** Return what the chat says of a clock that was moved. */
export function clockText({ seconds, ahead }) {
  if (seconds <= 0) return "The clock is back at the time of this machine";
  const sum = ahead === seconds ? "" : ` (${duration(ahead)} in all)`;
  return `The clock moved by ${duration(seconds)}${sum}`;
}

/** Show how far ahead the clock is, and offer the way back. */
export function showClock(ahead) {
  $("clock-now").hidden = ahead === 0;
  $("clock-now").textContent = `now (−${duration(ahead)})`;
}

export function setUp({ post, tell, person }) {
  for (const button of $("clock").querySelectorAll("[data-seconds]")) {
    button.addEventListener("click", () => post("/emulator/clock", { seconds: Number(button.dataset.seconds) }));
  }
  $("clock-now").addEventListener("click", () => post("/emulator/clock", { now: true }));
  const reset = async (button, whom) => {
    button.disabled = true;
    try {
      const { is_done: isDone } = await post("/emulator/reset", whom);
      if (!isDone) tell("The bot is not running: it forgets too when it starts.");
    } finally {
      button.disabled = false;
    }
  };
  $("afresh").addEventListener("click", ({ target }) => reset(target, { person: person().user_id }));
  $("afresh-all").addEventListener("click", ({ target }) => {
    if (confirm("Start everyone afresh? All conversations are deleted, and people whom you added.")) reset(target, {});
  });
}
