"""Commands that check the code, test it and measure it."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from utils.commands import DEVELOP, HELP_OPTIONS, Command, CommandError

PYTHON = sys.executable
#: Checks of the code, by name.
CHECKS: Mapping[str, Sequence[str]] = {
    "ruff check": [PYTHON, "-m", "ruff", "check", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "mypy": [PYTHON, "-m", "mypy"],
    "import-linter": [str(Path(PYTHON).with_name("lint-imports")), "--no-logo"],
}
#: Most tests wait as much as they work, so that even few cores have time for several.
FEWEST_WORKERS = 3
#: Files in memory: tests wait for a disk otherwise, since the bot commits whatever it takes.
FILES_IN_MEMORY = Path("/dev/shm")
#: Free memory below which tests use the disk: containers have little of it by default.
LEAST_FREE_BYTES = 4 * 1024**3


def run_all(checks: Mapping[str, Sequence[str]]) -> int:
    """Run every check, even after one has failed, so that one run shows all there is to fix."""
    import subprocess

    failed = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if subprocess.call(command) != 0:
            failed.append(name)
    print(f"== failed: {', '.join(failed)}" if failed else "== all passed", flush=True)
    return 1 if failed else 0


def _lint(arguments: Sequence[str]) -> int:
    LINT.parser("Runs ruff, mypy and import-linter.").parse_args(arguments)
    return run_all(CHECKS)


def _test(arguments: Sequence[str]) -> int:
    parser = TEST.parser(
        "With a path, only the tests there run, and no other check.\n"
        "Arguments go to pytest; `test -- --help` prints the help of pytest."
    )
    parser.add_argument("arguments", nargs="*", metavar="PYTEST_ARGUMENT")
    if arguments[:1] and arguments[0] in HELP_OPTIONS:
        parser.print_help()
        return 0
    passed_on = arguments[1:] if arguments[:1] == ["--"] else arguments
    _require_paths(passed_on)
    _use_files_in_memory()
    pytest = {"pytest": [PYTHON, "-m", "pytest", *_in_parallel(), *passed_on]}
    if paths := [one for one in passed_on if Path(one.partition("::")[0]).exists()]:
        print(f"Only the tests of {', '.join(paths)}; without a path, all checks run first.")
        return run_all(pytest)
    return run_all({**CHECKS, **pytest})


def _require_paths(arguments: Sequence[str]) -> None:
    """Raise CommandError for a path of tests that is not there, before minutes of checks."""
    for before, one in zip(("", *arguments), arguments, strict=False):
        path = one.partition("::")[0]
        is_path = not one.startswith("-") and ("/" in path or path.endswith(".py"))
        if is_path and not before.startswith("-") and not Path(path).exists():
            raise CommandError(f"there is no {path}: give a file or a folder of tests/")


def _in_parallel() -> Sequence[str]:
    workers = max(FEWEST_WORKERS, os.cpu_count() or 1)
    return ("-n", str(workers), "--dist", "worksteal")


def _use_files_in_memory() -> None:
    """Let the tests keep their files in memory, where there is enough and nobody has chosen."""
    if "TMPDIR" in os.environ or not os.access(FILES_IN_MEMORY, os.W_OK):
        return
    if shutil.disk_usage(FILES_IN_MEMORY).free >= LEAST_FREE_BYTES:
        os.environ["TMPDIR"] = str(FILES_IN_MEMORY)


def _bench(arguments: Sequence[str]) -> int:
    return _run_module("tests.benchmarks", BENCH, arguments)


def _prove(arguments: Sequence[str]) -> int:
    return _run_module("tests.prove", PROVE, arguments)


def _run_module(module: str, command: Command, arguments: Sequence[str]) -> int:
    """Run a program of the tests, which has a parser of its own."""
    import subprocess

    code = subprocess.call([PYTHON, "-m", module, *arguments])
    if any(option in arguments for option in HELP_OPTIONS):
        print(f"\n{command.examples_text()}")
    return code


TEST = Command(
    "test",
    DEVELOP,
    "run all checks, then all tests; with a path, only the tests there",
    _test,
    examples=("test", "test tests/app", "test -k doctor"),
)
LINT = Command(
    "lint",
    DEVELOP,
    "check style, types and the layers of the code",
    _lint,
    examples=("lint",),
)
BENCH = Command(
    "bench",
    DEVELOP,
    "measure the bot, beside FastAPI and pywa",
    _bench,
    examples=("bench --list", "bench intake replies --quick", "bench"),
)
PROVE = Command(
    "prove",
    DEVELOP,
    "break the running bot on purpose, and check that it keeps its promises",
    _prove,
    examples=("prove", "prove --minutes 10 --seed 7", "prove --database sqlite"),
)
COMMANDS = (TEST, LINT, BENCH, PROVE)
