"""`watch.py numbers`: phone numbers beside that of the settings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from services.setup import CommandSetup


#: Highest limit of a number: Meta's own is 1,000.
MAX_PER_SECOND = 10_000


def commands(setup: CommandSetup) -> Sequence[Command]:
    """Return the commands of this feature."""
    return (
        Command(
            "numbers",
            OPERATE,
            "list, add and remove phone numbers that the bot answers from",
            partial(_numbers, setup),
            examples=(
                "numbers list",
                'numbers add 106540352242922 --label "Orders"',
                "numbers remove 106540352242922",
            ),
        ),
    )


def _numbers(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser("A running bot knows of a change within some seconds.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="list | add | remove")
    actions.add_parser("list", help="list the numbers")
    _describe_add(actions.add_parser("add", help="add a number, or change what is known of it"))
    remove = actions.add_parser("remove", help="answer nobody from a number any more")
    remove.add_argument("id", metavar="ID", help="Meta's phone number ID")
    options = parser.parse_args(arguments)
    from features.tenants import number_commands

    if options.action == "add":
        return number_commands.add(setup, options)
    if options.action == "list":
        return number_commands.list_all(setup)
    return number_commands.remove(setup, options.id)


def _describe_add(add: argparse.ArgumentParser) -> None:
    add.add_argument("id", metavar="ID", help="Meta's phone number ID, not the phone number")
    add.add_argument("--label", default="", metavar="TEXT", help="what you call it")
    add.add_argument(
        "--per-second", type=_per_second, metavar="N", help="its limit, if not MESSAGES_PER_SECOND"
    )
    add.add_argument(
        "--unchecked", action="store_true", help="do not ask Meta whether the token may use it"
    )


def _per_second(written: str) -> float:
    """Return a limit of messages per second. Raise ArgumentTypeError."""
    import argparse

    try:
        limit = float(written)
    except ValueError:
        limit = 0.0
    if not 1 <= limit <= MAX_PER_SECOND:
        raise argparse.ArgumentTypeError(f"expected 1 to {MAX_PER_SECOND:,}, such as 80")
    return limit
