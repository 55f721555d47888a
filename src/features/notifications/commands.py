"""`watch.py notifications`: the keys of other systems, and what is paused."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.setup import CommandSetup


def commands(setup: CommandSetup) -> Sequence[Command]:
    """Return the commands of this feature."""
    return (
        Command(
            "notifications",
            OPERATE,
            "keys of systems that send notifications, and what is paused",
            partial(_run, setup),
            examples=(
                "notifications keys create erp",
                "notifications keys create dashboard --scope read --days 90",
                "notifications keys list",
                "notifications keys revoke 3f9c1e0a77b2",
                "notifications pauses",
                "notifications resume template:order_update:en",
            ),
        ),
        Command(
            "statistics",
            OPERATE,
            "count messages of notifications and broadcasts by what became of them",
            partial(_statistics, setup),
            examples=("statistics", "statistics --by day,template --days 7 --csv"),
        ),
    )


def _statistics(setup: CommandSetup, arguments: Sequence[str]) -> int:
    from features.notifications.statistics import command

    _, own = commands(setup)
    return command.run(setup, own.parser("Of the last 30 days, by template."), arguments)


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    command, _ = commands(setup)
    parser = command.parser("A running bot knows new keys at once, and revoked ones no longer.")
    what = parser.add_subparsers(dest="what", required=True, metavar="keys | pauses | resume")
    what.add_parser("pauses", help="list batches and templates that wait since many failed")
    resume = what.add_parser("resume", help="let one of them go on")
    resume.add_argument("id", metavar="ID", help="the id that `pauses` shows")
    keys = what.add_parser("keys", help="create, list or revoke keys")
    actions = keys.add_subparsers(dest="action", required=True, metavar="create | list | revoke")
    create = actions.add_parser("create", help="print a new key, once")
    create.add_argument("name", metavar="NAME", help="the system that gets it")
    create.add_argument(
        "--scope",
        action="append",
        choices=("send", "read", "events"),
        help="what it may do; several are possible; all by default",
    )
    create.add_argument("--days", type=int, metavar="N", help="days until it expires; never else")
    actions.add_parser("list", help="list all keys, without their secrets")
    revoke = actions.add_parser("revoke", help="make a key useless")
    revoke.add_argument("id", metavar="ID", help="the id that `list` shows")
    options = parser.parse_args(arguments)
    from features.notifications import key_commands, pause_commands

    if options.what == "pauses":
        return pause_commands.list_all(setup)
    if options.what == "resume":
        return pause_commands.resume(setup, options.id)

    if options.action == "create":
        return key_commands.create(setup, options.name, options.scope, options.days)
    if options.action == "list":
        return key_commands.list_all(setup)
    return key_commands.revoke(setup, options.id)
