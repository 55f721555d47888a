"""`watch.py operators`: invites operators to the inbox, lists them, and takes their access."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.setup import CommandSetup

#: The roles of `operators.Role`.
ROLES = ("agent", "supervisor", "admin")


def commands(setup: CommandSetup) -> Sequence[Command]:
    """Return the commands of this feature."""
    return (
        Command(
            "operators",
            OPERATE,
            "invite operators to the inbox, list them, or take their access",
            partial(_run, setup),
            examples=(
                'operators add "Ana Gil"',
                'operators add "Luis Mora" --role supervisor',
                "operators list",
                'operators revoke "Ana Gil"',
            ),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser()
    actions = parser.add_subparsers(dest="action", required=True, metavar="add | list | revoke")
    add = actions.add_parser("add", help="print a link that signs an operator in, once")
    add.add_argument("operator", metavar="NAME", help="as colleagues and the page call them")
    add.add_argument("--role", choices=ROLES, help="agent by default; others see who did what")
    add.add_argument(
        "--url", metavar="URL", help="the bot's public address, such as https://bot.example.com"
    )
    actions.add_parser("list", help="list operators")
    revoke = actions.add_parser("revoke", help="end all sessions of an operator")
    revoke.add_argument("operator", metavar="NAME")
    options = parser.parse_args(arguments)
    from features.inbox import operator_commands

    if options.action == "add":
        return operator_commands.add(setup, options.operator, options.role, options.url)
    if options.action == "revoke":
        return operator_commands.revoke(setup, options.operator)
    return operator_commands.list_all(setup)
