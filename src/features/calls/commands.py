"""`watch.py calls`: the last voice calls, the calling settings at Meta, and spoken lines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.setup import CommandSetup

#: Calls that are listed by default.
USUAL_NUMBER = 20
#: Time for which `calls check --wait` waits by default, in minutes.
WAIT_MINUTES = 5


def commands(setup: CommandSetup) -> Sequence[Command]:
    """Return the commands of this feature."""
    return (
        Command(
            "calls",
            OPERATE,
            "list and check voice calls, and show or change the calling settings of the number",
            partial(_run, setup),
            examples=(
                "calls list",
                "calls list --limit 100 --json",
                "calls settings",
                "calls settings --enable",
                "calls settings --disable",
                "calls check",
                "calls check --wait",
                "calls voice",
            ),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser("The page docs/calls.md explains ends and settings.")
    names = "list | settings | check | voice"
    actions = parser.add_subparsers(dest="action", required=True, metavar=names)
    listing = actions.add_parser("list", help="the last calls: when, how long, how they ended")
    listing.add_argument("--limit", type=int, default=USUAL_NUMBER, metavar="N", help="how many")
    listing.add_argument("--json", action="store_true", help="print one JSON object a line")
    settings = actions.add_parser("settings", help="what Meta has of the number")
    change = settings.add_mutually_exclusive_group()
    change.add_argument("--enable", action="store_true", help="switch calling on at Meta")
    change.add_argument("--disable", action="store_true", help="switch calling off at Meta")
    check = actions.add_parser("check", help="whether this machine and Meta are ready for calls")
    check.add_argument("--wait", action="store_true", help="wait for a call, and say how it went")
    check.add_argument(
        "--minutes", type=int, default=WAIT_MINUTES, metavar="N", help="how long to wait"
    )
    voice = actions.add_parser(
        "voice", help="make the files of what callers hear from the texts, with espeak-ng"
    )
    voice.add_argument("--language", metavar="LANGUAGE", help="only this one")
    options = parser.parse_args(arguments)
    from features.calls import command_actions

    if options.action == "list":
        return command_actions.list_calls(setup, options.limit, as_json=options.json)
    if options.action == "check":
        minutes = options.minutes if options.wait else 0
        return command_actions.check(setup, minutes)
    if options.action == "voice":
        return command_actions.make_voice(options.language)
    status = "ENABLED" if options.enable else "DISABLED" if options.disable else None
    return command_actions.settings(setup, status)
