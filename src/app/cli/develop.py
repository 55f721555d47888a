"""Commands for the people who change the bot."""

import sys
from collections.abc import Sequence
from pathlib import Path

from utils.commands import DEVELOP, Command


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
    parser.add_argument("--out", metavar="DIR", help="folder of the site")
    parser.add_argument(
        "--repository",
        metavar="URL",
        help="where files of the project are, such as https://github.com/me/my-bot/blob/main",
    )
    options = parser.parse_args(arguments)
    from app.development.plan import SITE_FOLDER
    from app.site.build import build
    from utils.invocation_dir import resolve

    out = SITE_FOLDER if options.out is None else resolve(options.out)
    count = build(Path.cwd(), out, options.repository)
    print(f"Wrote {count} pages. Open {out / 'index.html'}, or serve them, with the search:")
    print(f"  python3 -m http.server --bind 127.0.0.1 --directory {out} 8001")
    return 0


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
COMMANDS = (FLOWS, NEW, ENV_EXAMPLE, MAP, FORK, SBOM, DOCS)
