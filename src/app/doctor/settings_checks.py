"""What is wrong with the settings themselves."""

import re
from collections.abc import Iterable, Sequence

from app.composition.features import settings_models
from app.doctor.account import ACCOUNT_ID, APP_SECRET, NEW_TOKEN, PHONE_ID
from app.doctor.finding import Finding, fail, ok, warn
from config.env import descriptions

#: Where a person finds what the description of a setting names in short.
PLACES = {
    "WP_ACCESS_TOKEN": f"{NEW_TOKEN} Without an account: `python3 watch.py` brings an emulator.",
    "WP_PHONE_ID": PHONE_ID,
    "WP_BID": ACCOUNT_ID,
    "WHATSAPP_APP_SECRET": APP_SECRET,
}
#: Problems of names: another value would not help.
NO_VALUE = re.compile(r"^Unknown setting|are the same setting")


async def settings(
    problems: Sequence[str], warnings: Iterable[str], *, emulator_url: str | None
) -> list[Finding]:
    """A finding for each of what `load_settings` and `Settings.warnings` tell."""
    if problems:
        return [judge_problem(one) for one in problems]
    from_emulator = f"those of the emulator at {emulator_url} (python3 watch.py is running)"
    source = from_emulator if emulator_url else "complete"
    return [ok(source), *(warn(one, "Change .env, then start the bot again.") for one in warnings)]


def judge_problem(problem: str) -> Finding:
    """The sentence without its advice, and the advice."""
    meanings = descriptions(settings_models())
    named = [name for name in re.findall(r"[A-Z][A-Z_0-9]+", problem) if name in meanings]
    if not named or NO_VALUE.search(problem):
        return fail(problem, "Mend .env; .env-example lists every setting.")
    meaning = meanings[named[0]]
    place = PLACES.get(named[0], f"Set {named[0]} in .env: {meaning}")
    return fail(problem.removesuffix(meaning).strip(), place)
