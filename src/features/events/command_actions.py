"""Carries out `watch.py events`."""

import argparse
import asyncio
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection

from features.events.intake import EventIntake
from features.events.metrics import EventMetrics
from features.events.reading import Hints, ReadEvent, UnreadableEvent, parse, read
from features.events.registry import EventRules, find_rules
from features.events.sending import EventSender
from features.events.settings import EventSettings
from features.notifications.api_keys import ONE_TENANT
from features.notifications.problems import ApiError, Problem
from features.notifications.service import NotificationService
from features.notifications.settings import NotificationSettings
from features.templates.model import Template
from features.templates.reading import read_listed
from jobs.job_queue import JobQueue
from services.setup import CommandSetup
from storage.engine.group_commit import GroupCommit
from utils.commands import CommandError


def run(setup: CommandSetup, options: argparse.Namespace) -> int:
    """Carry out the action of a command line. Return the exit code; raise CommandError."""
    rules = find_rules()
    if rules.faults:
        raise CommandError("\n".join(map(str, rules.faults)))
    match options.action:
        case "list":
            return _list(rules)
        case "send":
            return asyncio.run(_send(setup, rules, options))
        case "declare":
            return asyncio.run(_declare(setup, rules))
    return asyncio.run(_dead(setup, rules, options))


def _list(rules: EventRules) -> int:
    for rule in rules:
        print(f"{', '.join(rule.types)}  {rule.template_key}  {rule.defined_at}")
    if not rules.rules:
        print("No events: `python3 watch.py new event NAME` writes one.")
    return 0


async def _send(setup: CommandSetup, rules: EventRules, options: argparse.Namespace) -> int:
    event = _event_of(rules, options.type, _text_of(options.file))
    if options.dry_run:
        return await _show(setup, event)
    async with setup.open_database() as database:
        intake = EventIntake(
            JobQueue(database),
            EventSender(_service(setup, database, ()), UTC, _now),
            EventMetrics(CollectorRegistry()),
            _now,
        )
        try:
            is_new = await intake.store_one(intake.prepared(ONE_TENANT, event))
        except UnreadableEvent as error:
            raise CommandError(_said(error)) from None
    print(f"{event.id}  {'stored' if is_new else 'a duplicate: it was stored before'}")
    return 0


async def _show(setup: CommandSetup, event: ReadEvent) -> int:
    """Print what the person would read, with the templates that the account has now."""
    async with setup.open_account() as account, setup.open_database() as database:
        found = read_listed(account.id, await account.api.templates(account.id), _now())
        sender = EventSender(_service(setup, database, [*found.values()]), UTC, _now)
        try:
            sender.recipient_of(event)
            [shown] = (await sender.preview(event, ONE_TENANT)).items
        except UnreadableEvent as error:
            raise CommandError(_said(error)) from None
        except ApiError as error:
            raise CommandError(_problems(error.problems)) from None
    if shown.errors:
        raise CommandError(_problems(shown.errors))
    print(f"{shown.category} {shown.language}\n{shown.text}")
    return 0


async def _declare(setup: CommandSetup, rules: EventRules) -> int:
    settings = setup.settings_of(EventSettings)
    require_broker(settings)
    from features.events.topology import Place, declare, open_broker

    place = Place.of(settings)
    async with open_broker(settings) as connection:
        await declare(connection, place, rules.routing_keys)
    print(f"exchange {place.exchange} -> queue {place.queue} -> dead letters {place.dead}")
    print(f"routing keys: {', '.join(rules.routing_keys) or 'none'}")
    return 0


async def _dead(setup: CommandSetup, rules: EventRules, options: argparse.Namespace) -> int:
    settings = setup.settings_of(EventSettings)
    require_broker(settings)
    from features.events.dead_letters import letters, put_back
    from features.events.topology import Place, open_broker

    place = Place.of(settings)
    async with open_broker(settings) as connection:
        if options.what == "retry":
            moved, kept = await put_back(connection, place, rules, options.most)
            print(f"{moved} put back into {place.queue}.")
        else:
            kept = [one async for one in letters(connection, place, rules, options.most)]
    for one in kept:
        print(one.line())
    print(f"{len(kept)} dead letters." if kept else "No dead letters.")
    return 0


def require_broker(settings: EventSettings) -> None:
    """Raise CommandError without AMQP_URL; with it, the settings have checked the library."""
    if settings.amqp_url is None:
        raise CommandError("AMQP_URL is not set: it says where RabbitMQ is. HTTP needs none.")


def _text_of(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error


def _event_of(rules: EventRules, type_: str, text: bytes) -> ReadEvent:
    """Return the event of a file. Raise CommandError with all that is wrong."""
    try:
        return read(rules, parse(text), Hints((type_,)))
    except UnreadableEvent as error:
        raise CommandError(_said(error)) from None


def _said(error: UnreadableEvent) -> str:
    return "\n".join(f"{one.message} {one.fix}" for one in error.flaws)


def _problems(problems: Sequence[Problem]) -> str:
    return "\n".join(f"{one.message} {one.fix} [{one.code}]" for one in problems)


def _service(
    setup: CommandSetup, database: GroupCommit, templates: Sequence[Template]
) -> NotificationService:
    """Return what checks notifications, with these templates instead of those of the registry."""

    def named(_: Connection, names: Collection[str]) -> Mapping[str, Sequence[Template]]:
        return {name: [one for one in templates if one.name == name] for name in names}

    return NotificationService(
        database,
        JobQueue(database),
        setup.settings_of(NotificationSettings),
        named,
        phone_number_id="",
        per_second=1,
        language="en",
        clock=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
