"""`watch.py callbacks`: the endpoints that are told what happens."""

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
            "callbacks",
            OPERATE,
            "register the addresses that are told what happens",
            partial(_run, setup),
            examples=(
                "callbacks add https://crm.example.com/whatsapp",
                "callbacks add https://crm.example.com/whatsapp --type message.received --private",
                "callbacks list",
                "callbacks test cb_3f9c1e0a",
                "callbacks rotate cb_3f9c1e0a",
                "callbacks resume cb_3f9c1e0a",
                "callbacks remove cb_3f9c1e0a",
            ),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser("A running bot knows a change within seconds. docs/callbacks.md")
    actions = parser.add_subparsers(
        dest="action", required=True, metavar="add | list | test | rotate | resume | remove"
    )
    add = actions.add_parser("add", help="register an address; its secret is printed once")
    add.add_argument("url", metavar="URL", help="begins with https://")
    add.add_argument(
        "--type",
        action="append",
        metavar="TYPE",
        help="type of events, such as message.received; several are possible; all by default",
    )
    add.add_argument(
        "--private", action="store_true", help="with phone numbers, names and what people write"
    )
    actions.add_parser("list", help="list all addresses, without their secrets")
    for action, text in (
        ("test", "send a test event now, and say what came back"),
        ("rotate", "print a new secret; the old one signs as well for a day"),
        ("resume", "tell an address again that was paused or is off"),
        ("remove", "forget an address, and what waits for it"),
    ):
        actions.add_parser(action, help=text).add_argument("id", metavar="ID")
    options = parser.parse_args(arguments)
    from features.callbacks import command_actions

    if options.action == "add":
        return command_actions.add(setup, options.url, options.type, is_private=options.private)
    if options.action == "list":
        return command_actions.list_all(setup)
    return command_actions.ACTIONS[options.action](setup, options.id)
