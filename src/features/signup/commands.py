"""`watch.py signup`: invite businesses to connect their numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.setup import InstallationSetup


def commands(setup: InstallationSetup) -> Sequence[Command]:
    """Return the commands of this feature."""
    return (
        Command(
            "signup",
            OPERATE,
            "invite businesses to connect their own numbers",
            partial(_run, setup),
            examples=('signup invite bakery --title "The bakery"', "signup list"),
        ),
    )


def _run(setup: InstallationSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser("docs/tenants.md has what Meta asks for before.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="invite | list")
    invite = actions.add_parser("invite", help="print a link for a business, valid for 7 days")
    invite.add_argument("id", metavar="ID", help="lower-case letters, digits and dashes")
    invite.add_argument("--title", default="", metavar="TEXT", help="what you call it")
    invite.add_argument(
        "--url",
        default="https://<your address>",
        help="address of the bot, as browsers reach it",
    )
    actions.add_parser("list", help="show how far each business is")
    options = parser.parse_args(arguments)
    from features.signup import signup_commands

    if options.action == "list":
        return signup_commands.list_all(setup)
    title, url = options.title or options.id, options.url.rstrip("/")
    return signup_commands.invite(setup, options.id, title, url)
