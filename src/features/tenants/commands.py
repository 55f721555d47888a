"""`watch.py numbers`, `tenants` and `secrets`: more phone numbers, businesses and apps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from utils.commands import OPERATE, Command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from services.setup import InstallationSetup

#: Highest limit of a number: Meta's own is 1,000.
MAX_PER_SECOND = 10_000
TOKEN_HELP = "ask for an access token of its own, or read it from standard input"


def commands(setup: InstallationSetup) -> Sequence[Command]:
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
                "numbers add 106540352242922 --tenant bakery --token",
                "numbers remove 106540352242922",
            ),
        ),
        Command(
            "tenants",
            OPERATE,
            "run the bots of several businesses in one process",
            partial(_tenants, setup),
            examples=(
                'tenants new bakery --title "The bakery" --number 106540352242922 --token',
                "tenants set bakery TIMEZONE America/Bogota",
                "tenants set bakery AIRTABLE_API_KEY",
                "tenants list",
                "tenants show bakery",
                "tenants run bakery notifications keys create shop",
                "tenants disable bakery",
            ),
        ),
        Command(
            "secrets",
            OPERATE,
            "make a key for stored secrets, and encrypt them with the newest one",
            partial(_secrets, setup),
            examples=("secrets new-key", "secrets rotate"),
        ),
    )


def _numbers(setup: InstallationSetup, arguments: Sequence[str]) -> int:
    command, _, _ = commands(setup)
    parser = command.parser("A running bot knows of a change within some seconds.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="list | add | remove")
    actions.add_parser("list", help="list the numbers")
    add = actions.add_parser("add", help="add a number, or change what is known of it")
    add.add_argument("id", metavar="ID", help="Meta's phone number ID, not the phone number")
    add.add_argument("--tenant", default="", metavar="ID", help="the business that it is of")
    _describe_number(add)
    remove = actions.add_parser("remove", help="answer nobody from a number any more")
    remove.add_argument("id", metavar="ID", help="Meta's phone number ID")
    options = parser.parse_args(arguments)
    from features.tenants import number_commands

    if options.action == "add":
        return number_commands.add(setup, options)
    if options.action == "list":
        return number_commands.list_all(setup)
    return number_commands.remove(setup, options.id)


def _describe_number(add: argparse.ArgumentParser) -> None:
    add.add_argument("--label", default="", metavar="TEXT", help="what you call it")
    add.add_argument("--app", default="", metavar="ID", help="its app, if not that of the settings")
    add.add_argument(
        "--account", default="", metavar="ID", help="its business account, if not WP_BID"
    )
    add.add_argument("--token", action="store_true", help=TOKEN_HELP)
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


def _tenants(setup: InstallationSetup, arguments: Sequence[str]) -> int:
    _, command, _ = commands(setup)
    parser = command.parser("A running bot knows of a change within some seconds.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="add a business with its first number")
    new.add_argument("id", metavar="ID", help="lower-case letters, digits and dashes")
    new.add_argument("--title", default="", metavar="TEXT", help="what you call it")
    new.add_argument("--number", required=True, metavar="ID", help="Meta's phone number ID")
    _describe_number(new)
    actions.add_parser("list", help="list the businesses")
    for name, does in (
        ("show", "show numbers and settings of a business, without its secrets"),
        ("disable", "stop the bot of a business: its messages are dropped"),
        ("enable", "start it again"),
    ):
        actions.add_parser(name, help=does).add_argument("id", metavar="ID")
    for name, does in (("set", "change a setting of a business"), ("unset", "remove one")):
        setting = actions.add_parser(name, help=does)
        setting.add_argument("id", metavar="ID")
        setting.add_argument("name", metavar="NAME", help="as in .env, such as TIMEZONE")
    actions.choices["set"].add_argument(
        "value", nargs="?", metavar="VALUE", help="without it, you are asked: for secrets"
    )
    app = actions.add_parser("app", help="add an app of Meta, or replace its secret")
    app.add_argument("id", metavar="ID", help="what its callback URL ends with: /webhook/ID")
    run = actions.add_parser("run", help="run another command for a business")
    run.add_argument("id", metavar="ID")
    run.add_argument("command", nargs="...", metavar="COMMAND", help="such as: doctor --live")
    options = parser.parse_args(arguments)
    from features.tenants import tenant_commands

    return tenant_commands.ACTIONS[options.action](setup, options)


def _secrets(setup: InstallationSetup, arguments: Sequence[str]) -> int:
    _, _, command = commands(setup)
    parser = command.parser("SECRETS_KEYS in .env has the keys, newest first.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="new-key | rotate")
    actions.add_parser("new-key", help="print a new random key")
    actions.add_parser("rotate", help="encrypt all stored secrets with the newest key")
    options = parser.parse_args(arguments)
    from features.tenants import secret_commands

    return secret_commands.ACTIONS[options.action](setup)
