"""What a command of `watch.py` is.

The modules that declare commands import nothing but the standard library at their top, so that
`watch.py` starts at once: what a command needs is imported inside its `run`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import argparse

PROGRAM = "watch.py"
RUN, TALK, OPERATE, DEVELOP = "Run", "Talk to the bot", "Operate", "Develop"
#: Groups in the order of the overview; other groups follow them.
GROUPS = (RUN, TALK, OPERATE, DEVELOP)
HELP_OPTIONS = ("-h", "--help")


class Command(NamedTuple):
    """One command, as the overview lists it; a tuple, since dataclasses are slow to import."""

    name: str
    group: str
    #: One line for the overview: it begins with a verb in lower case and has no full stop.
    summary: str
    #: Called with the arguments that follow the name; returns the exit code.
    run: Callable[[Sequence[str]], int]
    #: Command lines without the `python3 watch.py` that they begin with.
    examples: tuple[str, ...]

    def parser(self, more: str = "") -> argparse.ArgumentParser:
        """Return a parser whose help has the summary, `more` sentences and the examples."""
        import argparse

        parser = argparse.ArgumentParser(
            prog=f"{PROGRAM} {self.name}",
            description=f"{self.summary[0].upper()}{self.summary[1:]}.\n{more}".strip(),
            epilog=self.examples_text(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            add_help=False,
            allow_abbrev=False,
        )
        parser.add_argument(*HELP_OPTIONS, action="help", help=argparse.SUPPRESS)
        return parser

    def examples_text(self) -> str:
        """Return the examples as the end of a help text."""
        return "\n".join(["examples:", *(f"  python3 {PROGRAM} {line}" for line in self.examples)])
