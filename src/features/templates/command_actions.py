"""Carries out `watch.py templates`: prints what happened, and what to do about errors."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.templates.definition_checks import check_definition
from features.templates.files import read_file, upper_case
from features.templates.jobs import sync_job
from features.templates.model import Template, TemplateValues
from features.templates.reading import read_listed
from features.templates.ready import definitions, ready_templates
from features.templates.remedies import explain
from features.templates.rendering import render
from features.templates.samples import Sample, read_samples, upload
from jobs.job_queue import JobQueue
from services.clients.cloud_api.errors import WhatsAppError
from services.setup import BusinessAccount, CommandSetup
from utils.commands import CommandError


def run(setup: CommandSetup, options: argparse.Namespace) -> int:
    """Carry out the action of a command line. Return the exit code; raise CommandError."""
    if options.action == "list" and options.ready:
        return _list_ready()
    wanted, samples = _wanted(options) if options.action in ("create", "edit") else ((), ())
    if options.action == "create" and options.check:
        print("Meta may review it: nothing is wrong that a program can check.")
        return 0
    try:
        return asyncio.run(_run(setup, options, wanted, samples))
    except WhatsAppError as error:
        raise CommandError(explain(error)) from error


async def _run(
    setup: CommandSetup,
    options: argparse.Namespace,
    wanted: Sequence[dict[str, Any]],
    samples: Sequence[Sample],
) -> int:
    async with setup.open_account() as account:
        await upload(account.api, samples)
        match options.action:
            case "list":
                _print_list(await _templates(account), as_json=options.json)
            case "show":
                for one in _found(await _templates(account), options.key):
                    _print_one(one)
            case "create":
                await _create(account, wanted)
            case "edit":
                await _edit(account, options.key, wanted[0])
            case "delete":
                await _delete(account, options.key, asks=not options.yes)
            case "sync":
                await _sync(setup, account)
    return 0


def _wanted(options: argparse.Namespace) -> tuple[list[dict[str, Any]], Sequence[Sample]]:
    """Return what is to be created or edited, and the files that it names.

    Raise CommandError with all that is wrong.
    """
    ready = getattr(options, "ready", None)
    if (options.file is None) == (ready is None):
        raise CommandError("Give a file, or --ready NAME: `templates list --ready` has the names.")
    if ready is None:
        wanted = [upper_case(read_file(Path(options.file)))]
    else:
        wanted = [dict(one) for one in _ready(ready, options.language)]
    if options.action == "edit":
        name, _, language = options.key.partition(":")
        wanted[0] = {**wanted[0], "name": name, "language": language}
        wanted[0].setdefault("category", "UTILITY")
    elif options.name:
        wanted = [{**one, "name": options.name} for one in wanted]
    folder = Path(options.file or ".").parent
    samples = [sample for one in wanted for sample in read_samples(one, folder)]
    problems = [problem for one in wanted for problem in check_definition(one)]
    if problems:
        lines = (f"{one.field}: {one.message} {one.fix} [{one.code}]" for one in problems)
        raise CommandError("\n".join(["Meta would not take it:", *lines]))
    return wanted, samples


def _ready(name: str, language: str | None) -> Sequence[dict[str, Any]]:
    try:
        return definitions(name, language)
    except LookupError as error:
        known = ready_templates().get(name)
        there = known["languages"] if known else ready_templates()
        raise CommandError(f"There is no {error.args[0]}: {', '.join(there)}.") from error


def _list_ready() -> int:
    for name, found in ready_templates().items():
        print(f"{name}  {found['category']}  {', '.join(found['languages'])}")
        print(f"    {found['summary']}")
    return 0


async def _templates(account: BusinessAccount) -> list[Template]:
    listed = await account.api.templates(account.id)
    found = read_listed(account.id, listed, datetime.now(UTC))
    return sorted(found.values(), key=lambda one: one.key)


def _found(templates: Sequence[Template], key: str) -> list[Template]:
    found = [one for one in templates if key in (one.key, one.name)]
    if not found:
        names = ", ".join(sorted({one.name for one in templates})) or "none"
        raise CommandError(f"There is no template {key}. Those there are: {names}.")
    return found


def _print_list(templates: Sequence[Template], *, as_json: bool) -> None:
    for one in templates:
        row = {
            "key": one.key,
            "status": one.status,
            "quality": one.quality,
            "category": one.category,
            "reason": one.reason,
        }
        values = (value for value in row.values() if value)
        print(json.dumps(row) if as_json else "  ".join(values))
    if not templates and not as_json:
        print("The account has no templates yet: `templates list --ready` has some to begin with.")


def _print_one(one: Template) -> None:
    print(f"{one.key}  {one.status}  {one.quality}  {one.category}  id {one.meta_id}")
    if one.reason:
        print(f"reason: {one.reason}")
    print(render(one, TemplateValues()))


async def _create(account: BusinessAccount, wanted: Sequence[dict[str, Any]]) -> None:
    for one in wanted:
        answer = await account.api.create_template(account.id, one)
        category = answer.get("category", one["category"])
        print(f"{one['name']}:{one['language']}  {answer.get('status', 'PENDING')}  {category}")
        if category != one["category"]:
            print(f"Meta put it into the category {category}, which changes its price.")


async def _edit(account: BusinessAccount, key: str, wanted: dict[str, Any]) -> None:
    found = _found(await _templates(account), key)
    if len(found) != 1:
        raise CommandError(f"Say which language: {', '.join(one.key for one in found)}.")
    await account.api.edit_template(found[0].meta_id, {"components": wanted["components"]})
    print(f"{found[0].key} is under review again.")


async def _delete(account: BusinessAccount, key: str, *, asks: bool) -> None:
    found = _found(await _templates(account), key)
    names = ", ".join(one.key for one in found)
    if asks and not _agrees(f"Delete {names}? Its name is free again after 4 weeks. [y/N] "):
        raise CommandError("Nothing was deleted.")
    for one in found:
        await account.api.delete_template(account.id, one.name, template_id=one.meta_id)
    print(f"Deleted: {names}.")


def _agrees(question: str) -> bool:
    if not sys.stdin.isatty():
        raise CommandError("Nothing was deleted: give --yes to delete without a question.")
    return input(question).strip().lower() in ("y", "yes")


async def _sync(setup: CommandSetup, account: BusinessAccount) -> None:
    """Have the bot of this database read the templates."""
    async with setup.open_database() as database:
        await JobQueue(database).enqueue([sync_job(account.id, datetime.now(UTC))])
    print("The bot reads the templates within a second, or when it starts.")
