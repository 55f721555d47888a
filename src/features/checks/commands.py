"""`watch.py runs`: what checks ran for."""

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
            "runs",
            OPERATE,
            "list what checks of the config file ran for, the newest first",
            partial(_run, setup),
            examples=("runs", "runs --limit 5"),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser("It shows no words and no numbers of people. docs/checks.md")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="most runs to list")
    options = parser.parse_args(arguments)
    from features.checks.command_actions import list_runs

    return list_runs(setup, max(1, options.limit))
