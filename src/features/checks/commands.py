"""`watch.py check` and `watch.py runs`: try a check, and list what checks ran for."""

from __future__ import annotations

import os
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
            "check",
            OPERATE,
            "run one check of the config file on a text, and send nothing",
            partial(_check, setup),
            examples=(
                'check reply --message "Do you have parrots?" --config bot.yaml',
                'check classify --message "hello" --from +573001234567',
            ),
        ),
        Command(
            "runs",
            OPERATE,
            "list what checks of the config file ran for, the newest first",
            partial(_run, setup),
            examples=("runs", "runs --limit 5"),
        ),
    )


def _check(setup: CommandSetup, arguments: Sequence[str]) -> int:
    command, _ = commands(setup)
    parser = command.parser("Checks that it depends on run as well. docs/checks.md")
    parser.add_argument("name", metavar="NAME", help="name of the check")
    parser.add_argument("--message", required=True, metavar="TEXT", help="what a person wrote")
    parser.add_argument(
        "--from", dest="phone", default="", metavar="PHONE", help="their phone number"
    )
    parser.add_argument("--language", default="en", metavar="CODE", help="their language")
    parser.add_argument("--config", metavar="FILE", help="without it: that of BOT_CONFIG")
    options = parser.parse_args(arguments)
    if options.config:
        from utils.invocation_dir import resolve

        os.environ["BOT_CONFIG"] = str(resolve(options.config).absolute())
    from features.checks.command_actions import try_check

    return try_check(setup, options)


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    _, command = commands(setup)
    parser = command.parser("It shows no words and no numbers of people. docs/checks.md")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="most runs to list")
    options = parser.parse_args(arguments)
    from features.checks.command_actions import list_runs

    return list_runs(setup, max(1, options.limit))
