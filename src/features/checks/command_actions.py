"""What `watch.py check` and `watch.py runs` print."""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from features.assistant.model import openai_service
from features.assistant.settings import AssistantSettings
from features.checks.notices import cause_of
from features.checks.plan import with_needed
from features.checks.runner import CheckRunner, Run
from features.checks.runs import Runs
from features.checks.settings import ChecksSettings
from features.checks.values import session_of, variables
from services.agent import AgentRequest, AskedMessage, Requester
from services.clients.http import make_http_client
from services.setup import CommandSetup
from texts.markdown import to_whatsapp
from utils.commands import CommandError

#: Id of the message that a check is tried with, and key of the person who wrote it.
TRIED = "manual"

HEAD = ("started (UTC)", "session", "checks", "state", "seconds", "tokens", "error")
#: Characters of a session that are shown: enough to tell people apart in a list.
SHOWN_SESSION = len("whatsapp-") + 8


def list_runs(setup: CommandSetup, most: int) -> int:
    """Print the newest runs as a table. Return the exit code."""
    rows = asyncio.run(_newest(setup, most))
    if not rows:
        print("No checks have run yet.")
        return 0
    table = [HEAD, *map(_columns, rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEAD))]
    for row in table:
        shown = (f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
        print("  ".join(shown).rstrip())
    return 0


def try_check(setup: CommandSetup, options: argparse.Namespace) -> int:
    """Run one check on a text, and print what it says. Return the exit code."""
    return asyncio.run(_try(setup, options))


async def _try(setup: CommandSetup, options: argparse.Namespace) -> int:
    settings = await setup.settings_here(ChecksSettings)
    if options.name not in settings.all:
        known = ", ".join(settings.all) or "none: name a config file by --config or BOT_CONFIG"
        raise CommandError(f"There is no check {options.name}. The checks are {known}.")
    run = await _tried(setup, settings, options)
    for name, output in run.outputs.items():
        print(f"{name}: {_shown(output)}")
    if run.answers:
        print(f"\nThe person would get:\n{to_whatsapp(run.answers[options.name])}")
    elif run.flow is not None:
        print(f"\nThe flow {run.flow} would start.")
    else:
        print("\nThe person would get nothing.")
    for error in run.failures:
        print(f"failed: {error} ({cause_of(error)})", file=sys.stderr)
    print(f"{run.tokens} tokens")
    return 1 if run.failures else 0


async def _tried(setup: CommandSetup, settings: ChecksSettings, options: argparse.Namespace) -> Run:
    names = with_needed(settings.all, [options.name])
    if not any(settings.all[name].type == "ai" for name in names):
        return await _run(settings, await setup.settings_here(AssistantSettings), options)
    async with setup.settings_with_model(AssistantSettings) as assistant:
        return await _run(settings, assistant, options)


async def _run(
    settings: ChecksSettings, assistant: AssistantSettings, options: argparse.Namespace
) -> Run:
    now = datetime.now(UTC)
    person = Requester(TRIED, options.phone, language=options.language)
    message = AskedMessage(TRIED, "text", options.message, now.timestamp())
    asked = AgentRequest("", (), options.message, requester=person, message=message)
    async with make_http_client() as http:
        runner = CheckRunner(settings, openai_service(assistant, http))
        run = Run(asked, variables(asked, now), [options.name])
        await runner.run(run)
    return run


def _shown(output: Any) -> str:
    if output is None:
        return "did not run, or failed"
    return str(output) if isinstance(output, str) else json.dumps(output, ensure_ascii=False)


async def _newest(setup: CommandSetup, most: int) -> Sequence[Mapping[str, Any]]:
    async with setup.open_database() as database:
        return await Runs(database, lambda: datetime.now(UTC)).newest(most)


def _columns(row: Mapping[str, Any]) -> tuple[str, ...]:
    started = datetime.fromtimestamp(row["started_at"], UTC)
    ended = row["ended_at"]
    return (
        f"{started:%Y-%m-%d %H:%M:%S}",
        session_of(row["user_key"])[:SHOWN_SESSION],
        row["checks"],
        row["state"],
        "" if ended is None else f"{ended - row['started_at']:.1f}",
        str(row["tokens"]),
        row["error"] or "",
    )
