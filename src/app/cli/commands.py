"""The commands of `python3 watch.py`."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PYTHON = sys.executable
LINT = {
    "ruff check": [PYTHON, "-m", "ruff", "check", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "mypy": [PYTHON, "-m", "mypy"],
    "import-linter": [str(Path(PYTHON).with_name("lint-imports")), "--no-logo"],
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    chosen, rest = parser.parse_known_args(arguments)
    if chosen.passes_on:
        return int(chosen.command(rest))
    if rest:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if chosen.command in (None, run):
        return run(with_assistant=chosen.assistant)
    return int(chosen.command())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="watch.py", description="Runs and tests the bot.")
    parser.set_defaults(command=None, passes_on=False)
    parser.add_argument(
        "--assistant", action="store_true", help="run: an emulated model answers free text"
    )
    commands = parser.add_subparsers(metavar="command")
    for command in (
        run,
        chat,
        chaos,
        trigger,
        story,
        flows,
        new,
        migrate,
        backup,
        restore,
        dead_letters,
        airtable,
        doctor,
        bench,
        lint,
        test,
    ):
        passes_on = command not in (run, flows, migrate, lint)
        commands.add_parser(
            command.__name__.replace("_", "-"), help=command.__doc__, add_help=not passes_on
        ).set_defaults(command=command, passes_on=passes_on)
    return parser


def run(*, with_assistant: bool = False) -> int:
    """start the bot for development, again at each change (what happens without a command)"""
    from app.development import supervisor as development

    return development.main(with_assistant=with_assistant)


def chat(arguments: Sequence[str]) -> int:
    """talk to the running bot in this terminal; --help lists what may follow"""
    return _at_emulator("emulator.cli.chat", arguments)


def chaos(arguments: Sequence[str]) -> int:
    """let things go wrong in the emulator: error_500=0.1 latency=2 ..., or off"""
    return _at_emulator("emulator.cli.chaos", arguments)


def trigger(arguments: Sequence[str]) -> int:
    """send the bot a webhook of any kind: message.image, status.failed ...; --help lists them"""
    return _at_emulator("emulator.cli.trigger", arguments)


def story(arguments: Sequence[str]) -> int:
    """tell the bot written conversations: story run [FILE ...]"""
    return _at_emulator("emulator.cli.story", arguments)


def _at_emulator(module: str, arguments: Sequence[str]) -> int:
    from app.development.supervisor import emulator_url

    url = emulator_url()
    if url is None:
        print("No emulator is running. Start it in another terminal: python3 watch.py")
        return 1
    return subprocess.call([PYTHON, "-m", module, "--url", url, *arguments])


def flows() -> int:
    """print who hears a message first, and every flow and menu as a Mermaid diagram"""
    from app.composition.conversations import DefinitionError, load_conversations
    from app.composition.routing_table import describe_stages, routing_table
    from flow_engine.diagram import to_mermaid

    try:
        found, _ = load_conversations()
    except DefinitionError as error:
        sys.exit(str(error))
    print("## Stages of a message\n\nThe first one that takes a message answers it.\n")
    print(describe_stages(routing_table()) + "\n")
    for each in found:
        print(f"## {each.name}\n\n```mermaid\n{to_mermaid(each)}\n```\n")
    return 0


def new(arguments: Sequence[str]) -> int:
    """write the files of a new flow, effect, tool, table or feature: new KIND NAME"""
    from app.cli import new as new_command

    return new_command.main(arguments)


def migrate() -> int:
    """bring the tables of DATABASE_URL up to date: before new code starts on PostgreSQL"""
    from app.cli import maintenance

    return maintenance.migrate()


def backup(arguments: Sequence[str]) -> int:
    """copy the database to a FILE, while the bot works"""
    from app.cli import backup

    return backup.backup(arguments)


def restore(arguments: Sequence[str]) -> int:
    """put a FILE of `backup` back, while the bot is stopped"""
    from app.cli import backup

    return backup.restore(arguments)


def dead_letters(arguments: Sequence[str]) -> int:
    """list the jobs that were given up; "retry", with or without ids, runs them again"""
    from app.cli import maintenance

    return maintenance.dead_letters(arguments)


def airtable(arguments: Sequence[str]) -> int:
    """make the operators' base (init), or look whether all is well with it (doctor)"""
    from app.cli import airtable as airtable_command

    return airtable_command.main(arguments)


def doctor(arguments: Sequence[str]) -> int:
    """tell whether this installation can work, and what to mend; --live asks Meta too"""
    from app.doctor import command

    return command.main(arguments)


def bench(arguments: Sequence[str]) -> int:
    """measure the bot beside others, in about twenty minutes; --help tells more"""
    return subprocess.call([PYTHON, "-m", "tests.benchmarks", *arguments])


def lint() -> int:
    """check style, types and layers"""
    return run_all(LINT)


def test(arguments: Sequence[str]) -> int:
    """lint, then run the tests; pytest gets what follows"""
    in_parallel = ["-n", "auto", "--dist", "worksteal"]
    return run_all({**LINT, "pytest": [PYTHON, "-m", "pytest", *in_parallel, *arguments]})


def run_all(checks: dict[str, list[str]]) -> int:
    """Run every check, even after one failed, so that one look shows all there is to mend."""
    failed = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if subprocess.call(command) != 0:
            failed.append(name)
    print(f"== failed: {', '.join(failed)}" if failed else "== all passed", flush=True)
    return 1 if failed else 0
