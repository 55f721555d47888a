"""Commands for the people who change the bot."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from utils.commands import DEVELOP, HELP_OPTIONS, Command, CommandError

PYTHON = sys.executable
LINT: Mapping[str, Sequence[str]] = {
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


def _flows(arguments: Sequence[str]) -> int:
    FLOWS.parser("A page that renders Mermaid, such as GitHub's, shows them.").parse_args(arguments)
    from app.cli.diagram import to_mermaid
    from app.cli.routing_table import describe_stages, routing_table
    from app.composition.conversations import load_conversations
    from app.runtime.bootstrap import START_ERRORS

    try:
        flows, _ = load_conversations()
        stages = describe_stages(routing_table())
    except START_ERRORS as error:
        sys.exit(str(error))
    print("## Stages of a message\n\nThe first one that takes a message answers it.\n")
    print(f"{stages}\n")
    for flow in flows:
        print(f"## {flow.name}\n\n```mermaid\n{to_mermaid(flow)}\n```\n")
    return 0


def _map(arguments: Sequence[str]) -> int:
    MAP.parser("It is the page docs/map.md; a test compares both.").parse_args(arguments)
    from app.cli.project_map import page
    from app.composition.features import find_features

    print(page(Path.cwd(), find_features()), end="")
    return 0


def _fork(arguments: Sequence[str]) -> int:
    parser = FORK.parser(
        "Leaves out the other features with their tests and pages. The needs of a feature come\n"
        "with it. The copy has no history: `git init` begins one."
    )
    parser.add_argument("folder", metavar="DIR", help="the folder to write; it must not exist yet")
    parser.add_argument(
        "--features", required=True, metavar="NAME,...", help='features to keep; "" keeps none'
    )
    options = parser.parse_args(arguments)
    from app.cli.fork import fork, summary
    from utils.invocation_dir import resolve

    names = [name.strip() for name in options.features.split(",") if name.strip()]
    folder = resolve(options.folder)
    print(summary(fork(Path.cwd(), folder, names), folder))
    return 0


def _new(arguments: Sequence[str]) -> int:
    parser = NEW.parser("docs/howto explains each kind. Nothing that exists is overwritten.")
    kinds = ("flow", "effect", "tool", "event", "table", "feature", "language")
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("name", help="such as book_table; for a language its code, such as fr")
    given = parser.parse_args(arguments)
    from app.cli.new import write_new

    return write_new(given.kind, given.name)


def _env_example(arguments: Sequence[str]) -> int:
    ENV_EXAMPLE.parser(
        "Run it after a setting was added, renamed or described anew in src/config."
    ).parse_args(arguments)
    from app.cli.env_example import write_example
    from app.cli.settings_page import write_table

    written = [str(write_example()), *(str(page) for page in write_table())]
    print(f"Wrote {' and '.join(written)}.")
    return 0


def _sbom(arguments: Sequence[str]) -> int:
    SBOM.parser("What requirements.txt installs, as CycloneDX 1.6.").parse_args(arguments)
    from app.cli.sbom import sbom

    print(sbom())
    return 0


def _docs(arguments: Sequence[str]) -> int:
    parser = DOCS.parser(
        "The site works from any web server, and from its folder without the search.\n"
        "The build fails on a link or an anchor that leads nowhere."
    )
    parser.add_argument("--out", metavar="DIR", default=".local/site", help="folder of the site")
    parser.add_argument(
        "--repository",
        metavar="URL",
        help="where files of the project are, such as https://github.com/me/my-bot/blob/main",
    )
    options = parser.parse_args(arguments)
    from app.site.build import build
    from utils.invocation_dir import resolve

    out = resolve(options.out) if options.out != parser.get_default("out") else Path(options.out)
    count = build(Path.cwd(), out, options.repository)
    print(f"Wrote {count} pages. Open {out / 'index.html'}, or serve them, with the search:")
    print(f"  python3 -m http.server --bind 127.0.0.1 --directory {out} 8001")
    return 0


def _lint(arguments: Sequence[str]) -> int:
    LINT_CODE.parser("Runs ruff, mypy and import-linter.").parse_args(arguments)
    return run_all(LINT)


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
    return run_all({**LINT, **pytest})


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
LINT_CODE = Command(
    "lint",
    DEVELOP,
    "check style, types and the layers of the code",
    _lint,
    examples=("lint",),
)
FLOWS = Command(
    "flows",
    DEVELOP,
    "print the stages of a message, and every flow and menu as a Mermaid diagram",
    _flows,
    examples=("flows",),
)
ENV_EXAMPLE = Command(
    "env-example",
    DEVELOP,
    "write .env-example and the table of docs/configuration.md from the settings",
    _env_example,
    examples=("env-example",),
)
NEW = Command(
    "new",
    DEVELOP,
    "write the files of a new flow, effect, tool, event, table, feature or language",
    _new,
    examples=("new flow book_table", "new table visit", "new feature parking", "new language fr"),
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
MAP = Command(
    "map",
    DEVELOP,
    "print what each folder of src is for, and what it costs in lines",
    _map,
    examples=("map",),
)
FORK = Command(
    "fork",
    DEVELOP,
    "write a copy of the project with only some of the features",
    _fork,
    examples=("fork ../my-bot --features airtable,faq", 'fork ../my-bot --features ""'),
)
SBOM = Command(
    "sbom",
    DEVELOP,
    "print the software bill of materials as JSON",
    _sbom,
    examples=("sbom",),
)
DOCS = Command(
    "docs",
    DEVELOP,
    "build the documentation as a site, and check its links",
    _docs,
    examples=("docs", "docs --out ../site --repository https://github.com/me/my-bot/blob/main"),
)
COMMANDS = (TEST, LINT_CODE, FLOWS, NEW, ENV_EXAMPLE, MAP, FORK, SBOM, DOCS, BENCH, PROVE)
