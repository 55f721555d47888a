"""What `watch.py calls` does."""

import asyncio
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.checks import Finding, Result, fail
from features.calls import past_calls
from features.calls.calling import CallingApi, advice
from features.calls.end_words import load_texts, printed_reason
from features.calls.extra import has_extra
from features.calls.settings import CallSettings
from features.calls.tables import CallRow
from services.clients.cloud_api.errors import WhatsAppError
from services.command_database import in_database
from services.setup import CommandSetup
from utils.commands import CommandError
from utils.logger import pseudonym

#: Lock of the packages for audio.
PACKAGES = "requirements-calls.txt"
#: What helps if no webhook of a call comes, and the time until a change reaches all phones (Meta).
CALL_HELP = "Look for the field `calls` of the app's webhooks, and for `watch.py calls settings`."
REACHES = "It reaches phones within minutes to seven days."


def list_calls(setup: CommandSetup, limit: int, *, as_json: bool) -> int:
    """Print the last calls, the newest first; people by a pseudonym, as the log names them."""
    if limit < 1:
        raise CommandError(f"--limit is 1 or more, not {limit}.")
    found = in_database(setup, lambda c, _: past_calls.newest(c, most=limit))
    for row in found:
        print(json.dumps(_object(row)) if as_json else _line(row))
    if not as_json:
        print(f"{len(found)} calls." if found else "No calls.")
    return 0


def settings(setup: CommandSetup, status: str | None) -> int:
    """Print the calling settings of the number at Meta; with a status, change it before."""
    try:
        asyncio.run(_settings(setup, status))
    except WhatsAppError as error:
        raise CommandError(f"Meta refused: {advice(error)}.") from error
    return 0


def check(setup: CommandSetup, minutes: int) -> int:
    """Print whether calls work; with minutes, wait for one as well. Return the exit code."""
    return asyncio.run(_check(setup, minutes))


def make_voice(only: str | None) -> int:
    """Make the files of what callers hear, of one language or of all."""
    if not has_extra():
        raise CommandError(f"The packages of calls are needed: pip install -r {PACKAGES}")
    if (program := shutil.which("espeak-ng")) is None:
        raise CommandError("espeak-ng is needed: sudo apt install espeak-ng")
    from features.calls.voice_files import home_menus, lines_of, make_files

    texts, menus = load_texts(), list(home_menus())
    if only is not None and only not in texts.languages:
        known = ", ".join(sorted(texts.languages))
        raise CommandError(f"There are no texts in {only}. There are: {known}.")
    for language in sorted(texts.languages if only is None else {only}):
        made = asyncio.run(make_files(lines_of(texts, language, menus), language, program))
        size = sum(one.stat().st_size for one in made) // 1024
        print(f"{language}: {len(made)} files, {size} KB")
    return 0


async def _check(setup: CommandSetup, minutes: int) -> int:
    from features.calls import call_check

    findings = await call_check.check_machine(setup.settings_of(CallSettings))
    try:
        async with setup.open_account() as account:
            api = CallingApi(account.api, lambda: datetime.now(UTC), asyncio.sleep)
            findings += call_check.check_meta(await api.settings())
    except WhatsAppError as error:
        findings.append(fail(f"Meta refused: {advice(error)}", "Run `watch.py doctor --live`."))
    _print(findings)
    if minutes and (row := await _next_call(setup, minutes)) is not None:
        findings += (found := list(call_check.report(row)))
        _print(found)
    elif minutes:
        findings.append(missed := fail(f"nobody called within {minutes} minutes", CALL_HELP))
        _print([missed])
    return 1 if any(one.result is Result.FAIL for one in findings) else 0


async def _next_call(setup: CommandSetup, minutes: int) -> CallRow | None:
    """Return the next call of a person once it is over; None if none comes in time."""
    from features.calls.past_calls import newest_since

    print(f"Call the number now; the bot has to run. Waiting for {minutes} minutes...", flush=True)
    since = datetime.now(UTC)
    for _ in range(minutes * 60):
        async with setup.open_database() as database:
            row = await database.reader.run(lambda c, _: newest_since(c, since))
        if row is not None and row.is_over:
            return row
        await asyncio.sleep(1)
    return None


def _print(findings: Iterable[Finding]) -> None:
    for one in findings:
        print(f"{one.result:<4}  {one.said}", flush=True)
        if one.fix:
            print(f"      {one.fix}", flush=True)


async def _settings(setup: CommandSetup, status: str | None) -> None:
    async with setup.open_account() as account:
        api = CallingApi(account.api, lambda: datetime.now(UTC), asyncio.sleep)
        if status is not None:
            await api.change_settings({"status": status})
        found = await api.settings()
    if status is not None:
        is_so = found.get("status") == status
        print(f"Calling is {status}. {REACHES}" if is_so else f"Meta has not set {status}.")
    for line in _lines(found):
        print(line)


def _lines(calling: Mapping[str, Any]) -> Iterator[str]:
    hours = calling.get("call_hours")
    is_timed = isinstance(hours, Mapping) and hours.get("status") == "ENABLED"
    sip = calling.get("sip")
    yield f"status: {calling.get('status', 'DISABLED')}"
    yield f"icon in the chat: {calling.get('call_icon_visibility', 'DEFAULT')}"
    yield f"call hours: {'see WhatsApp Manager' if is_timed else 'always'}"
    yield f"asks for permission to call back: {calling.get('callback_permission_status', '-')}"
    if isinstance(sip, Mapping) and sip.get("status") == "ENABLED":
        yield "SIP is on: the bot gets no calls. Switch SIP off."
    if calling.get("restrictions"):
        yield f"restricted by Meta: {json.dumps(calling['restrictions'])}"


def _object(row: CallRow) -> dict[str, Any]:
    return {
        "call": row.id,
        "person": pseudonym(row.user_key),
        "offered_at": row.offered_at.isoformat(),
        "state": row.state,
        "end": row.outcome,
        "seconds": row.seconds,
        "chosen": row.chosen.split(),
        "error": row.error,
    }


def _line(row: CallRow) -> str:
    at = row.offered_at.strftime("%Y-%m-%d %H:%M:%S")
    chosen = f"; chosen: {row.chosen}" if row.chosen else ""
    return f"{at}  {pseudonym(row.user_key)}  {row.seconds:>4} s  {printed_reason(row)}{chosen}"
