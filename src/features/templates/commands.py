"""`watch.py templates`: what the account has at Meta, and new, changed and deleted ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from services.setup import CommandSetup


def commands(setup: CommandSetup) -> Sequence[Command]:
    """Return the commands of this feature."""
    return (
        Command(
            "templates",
            OPERATE,
            "list, create, edit and delete message templates",
            partial(_run, setup),
            examples=(
                "templates list",
                "templates show order_update:en",
                "templates create --ready order_update",
                "templates create my_template.toml --check",
                "templates edit order_update:en my_template.toml",
                "templates delete order_update",
                "templates sync",
            ),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser(
        "It works with the account of WP_BID, or with the emulator's while `watch.py` runs.\n"
        "The page docs/templates.md explains files, ready templates and errors."
    )
    _add_actions(parser)
    options = parser.parse_args(arguments)
    from features.templates import command_actions

    return command_actions.run(setup, options)


def _add_actions(parser: argparse.ArgumentParser) -> None:
    add = parser.add_subparsers(
        dest="action", required=True, metavar="list | show | create | edit | delete | sync"
    ).add_parser
    listing = add("list", help="what Meta has: status, quality and category of each")
    listing.add_argument("--json", action="store_true", help="print one JSON object a line")
    listing.add_argument("--ready", action="store_true", help="the ready templates instead")
    show = add("show", help="texts, variables and buttons")
    show.add_argument("key", metavar="NAME[:LANGUAGE]")
    create = add("create", help="have Meta review a new template")
    create.add_argument("file", metavar="FILE", nargs="?", help="a .json or .toml file")
    create.add_argument("--ready", metavar="NAME", help="a ready template instead of a file")
    create.add_argument("--language", metavar="CODE", help="only this language of a ready one")
    create.add_argument("--name", help="another name for it")
    create.add_argument("--check", action="store_true", help="check it, and create nothing")
    edit = add("edit", help="change texts and buttons; Meta reviews it again")
    edit.add_argument("key", metavar="NAME:LANGUAGE")
    edit.add_argument("file", metavar="FILE", help="a .json or .toml file")
    delete = add("delete", help="delete one language, or all of them")
    delete.add_argument("key", metavar="NAME[:LANGUAGE]")
    delete.add_argument("--yes", action="store_true", help="do not ask before")
    add("sync", help="have the bot read the templates now")
