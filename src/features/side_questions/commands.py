"""`watch.py intents`: which intent a message has, and why; and learning the examples."""

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
            "intents",
            OPERATE,
            "show which question the bot reads in a message, and learn new examples",
            partial(_run, setup),
            examples=(
                'intents "whats this then? who are you"',
                "intents --train",
            ),
        ),
    )


def _run(setup: CommandSetup, arguments: Sequence[str]) -> int:
    [command] = commands(setup)
    parser = command.parser("Without a message it lists the intents. docs/side-questions.md")
    parser.add_argument("message", nargs="*", metavar="MESSAGE", help="what a person writes")
    parser.add_argument(
        "--train", action="store_true", help="learn the examples of the texts, and keep the result"
    )
    options = parser.parse_args(arguments)
    from features.side_questions import command_actions

    if options.train:
        return command_actions.learn()
    return command_actions.explain(options.message) if options.message else command_actions.show()
