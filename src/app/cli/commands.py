"""The command line: finds the command, and runs it."""

import sys
from collections.abc import Iterable, Sequence

from app.cli import configuration, develop, jobs, operate, records, run, talk, testing
from app.cli.feature_commands import feature_commands
from utils.commands import GROUPS, HELP_OPTIONS, PROGRAM, Command, CommandError

#: Every command of `watch.py`, in the order of the overview.
COMMANDS: tuple[Command, ...] = (
    *run.COMMANDS,
    *talk.COMMANDS,
    *operate.COMMANDS,
    *configuration.COMMANDS,
    *jobs.COMMANDS,
    *records.COMMANDS,
    *feature_commands(),
    *testing.COMMANDS,
    *develop.COMMANDS,
)
USAGE_ERROR = 2
#: What took the place of commands of older versions.
RENAMED = {"dead-letters": "jobs list --state dead"}


def main(arguments: Sequence[str] | None = None, commands: Iterable[Command] = COMMANDS) -> int:
    """Run one of `commands`; without a command, `run`. Returns the exit code.

    Raises SystemExit with code 2 when the command or its arguments are unknown.
    """
    table = by_name(commands)
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or ["run"]
    if name in ("help", *HELP_OPTIONS):
        return _help(table, rest)
    if name == "--version":
        from app.cli.version import describe_version

        print(describe_version())
        return 0
    if name.startswith("-"):  # an option of `run`
        name, rest = "run", [name, *rest]
    try:
        return _find(table, name).run(rest)
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1


def by_name(commands: Iterable[Command]) -> dict[str, Command]:
    """Return the commands by their names; raises ValueError when two have the same name."""
    table: dict[str, Command] = {}
    for command in commands:
        if command.name in table:
            raise ValueError(f"Two commands are named {command.name}.")
        table[command.name] = command
    return table


def overview(commands: Iterable[Command]) -> str:
    """Return the help of the whole program: every command with its summary, by group."""
    listed = list(commands)
    width = max(len(command.name) for command in listed)
    lines = [f"usage: {PROGRAM} [COMMAND] [ARGUMENT ...]", "", "Runs, tests and operates the bot."]
    for group in dict.fromkeys([*GROUPS, *(command.group for command in listed)]):
        members = [command for command in listed if command.group == group]
        if members:
            lines += ["", f"{group}:"]
            lines += [f"    {command.name:<{width}}  {command.summary}" for command in members]
    lines += ["", f"Options and examples of a command: python3 {PROGRAM} help COMMAND"]
    lines += [f"Version of this program: python3 {PROGRAM} --version"]
    return "\n".join(lines)


def _help(table: dict[str, Command], names: Sequence[str]) -> int:
    if not names:
        print(overview(table.values()))
        return 0
    return _find(table, names[0]).run(["--help"])


def _find(table: dict[str, Command], name: str) -> Command:
    if name in table:
        return table[name]
    from difflib import get_close_matches

    nearest = get_close_matches(name, [*table, *RENAMED], n=1)
    hint = f" Did you mean {RENAMED.get(nearest[0], nearest[0])}?" if nearest else ""
    print(f"{PROGRAM}: unknown command: {name}.{hint}", file=sys.stderr)
    print(f"All commands: python3 {PROGRAM} help", file=sys.stderr)
    raise SystemExit(USAGE_ERROR)
