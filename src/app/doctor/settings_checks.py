"""Checks of the settings themselves."""

import re
from collections.abc import Iterable, Sequence

from app.composition.features import settings_models
from app.development.given_settings import descriptions
from app.doctor.account import ACCOUNT_ID, APP_SECRET, NEW_TOKEN, PHONE_ID
from app.doctor.installation import ACCOUNT_SETTINGS
from domain.checks import Finding, fail, ok, skip, warn

#: Where to find the values of settings whose description is short.
PLACES = {
    "WP_ACCESS_TOKEN": f"{NEW_TOKEN} Without an account: `python3 watch.py` brings an emulator.",
    "WP_PHONE_ID": PHONE_ID,
    "WP_BID": ACCOUNT_ID,
    "WHATSAPP_APP_SECRET": APP_SECRET,
}
#: Problems of names, which another value does not solve.
NAME_PROBLEM = re.compile(r"^Unknown setting|are the same setting")
UNREADABLE_LINE = re.compile(r"line \d+: expected NAME=value")
ONE_LINE = "Write NAME=value, with quotes around a value that has quotes or spaces."
RESTART = "Change .env, then start the bot again."


async def settings(
    problems: Sequence[str],
    warnings: Iterable[str],
    *,
    emulator_url: str | None,
    has_account: bool = True,
) -> list[Finding]:
    """Return a finding for each problem and warning of the settings."""
    if problems:
        return [*map(judge_problem, problems)]
    from_emulator = f"those of the emulator at {emulator_url} (python3 watch.py is running)"
    complete = "complete" if has_account else "valid"
    return [
        ok(from_emulator if emulator_url else complete),
        *(warn(warning, RESTART) for warning in warnings),
    ]


async def no_account() -> Finding:
    """Say that the bot runs without an account at Meta, and what going live needs."""
    names = ", ".join(ACCOUNT_SETTINGS)
    return skip(
        "no account at Meta is set: `python3 watch.py` runs the bot with an emulator of WhatsApp",
        f"To go live: set {names} in .env (.env-example describes them), "
        "then run python3 watch.py doctor --live",
    )


def judge_problem(problem: str) -> Finding:
    """Split a problem into what is wrong and how to fix it."""
    if UNREADABLE_LINE.search(problem):
        return fail(problem, ONE_LINE)
    meanings = descriptions(settings_models())
    named = [name for name in re.findall(r"[A-Z][A-Z_0-9]+", problem) if name in meanings]
    if not named or NAME_PROBLEM.search(problem):
        return fail(problem, "Fix .env; .env-example lists every setting.")
    meaning = meanings[named[0]]
    place = PLACES.get(named[0], f"Set {named[0]} in .env: {meaning}")
    return fail(problem.removesuffix(meaning).strip(), place)
