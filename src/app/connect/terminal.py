"""Questions to whoever sits at the terminal."""

import asyncio
import getpass
import sys
from collections.abc import Sequence
from typing import Protocol

from app.doctor.printer import as_lines
from domain.checks import Finding
from utils.commands import CommandError


class Terminal(Protocol):
    """Somebody who is asked and told."""

    async def ask(self, question: str, *, is_secret: bool = False) -> str:
        """Return what is typed, without spaces around it; "" for nothing."""
        ...

    def say(self, text: str) -> None:
        """Print a line."""
        ...


class StandardTerminal:
    """The terminal of this process. Secrets are not shown while they are typed."""

    async def ask(self, question: str, *, is_secret: bool = False) -> str:
        """Return what is typed. Raise CommandError where nobody can type."""
        read = getpass.getpass if is_secret and sys.stdin.isatty() else input
        try:
            return (await asyncio.to_thread(read, f"{question}: ")).strip()
        except EOFError:
            sys.stdout.write("\n")
            raise CommandError(
                "Nobody answers the question above. Run it in a terminal, or put the value into "
                ".env first."
            ) from None

    def say(self, text: str) -> None:
        """Print a line at once."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


async def ask_for(terminal: Terminal, question: str, *, is_secret: bool = False) -> str:
    """Ask until something is typed."""
    while not (answer := await terminal.ask(question, is_secret=is_secret)):
        terminal.say("Nothing was typed.")
    return answer


async def choose(terminal: Terminal, question: str, options: Sequence[str]) -> int:
    """Return the place of the option that is chosen; the only one is not asked for."""
    if len(options) == 1:
        return 0
    for number, option in enumerate(options, 1):
        terminal.say(f"  {number}. {option}")
    while True:
        answer = await terminal.ask(f"{question} (1-{len(options)})")
        if answer.isdecimal() and 1 <= int(answer) <= len(options):
            return int(answer) - 1
        terminal.say(f"Type a number from 1 to {len(options)}.")


def tell(terminal: Terminal, finding: Finding) -> None:
    """Print what a step came to, as `doctor` does."""
    terminal.say(as_lines(finding))
