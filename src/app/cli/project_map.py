"""The page docs/map.md: what each folder of `src` is for, and what it costs in lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.feature import Feature

#: What each folder of `src` is for, and what happens to a bot without it.
FOLDERS = {
    "flows": (
        "conversations, one file each: what you edit first",
        "every file may be deleted; the menus of `main_menu.py` then lose its choice",
    ),
    "texts": (
        "what the bot says, in each language, and the files that it sends",
        "a language may be deleted; `DEFAULT_LANGUAGE` names one that is there",
    ),
    "flow_engine": ("turns a form and its steps into a conversation; pure functions", "needed"),
    "services": (
        "one turn of a conversation, sending, and one client for each API",
        "needed; `open_ai_service.py` and `airtable_service.py` only by features",
    ),
    "jobs": ("durable jobs: in order for each person, retried, fenced", "needed"),
    "storage": ("the database, its tables, people, migrations", "needed"),
    "routes": ("the HTTP routes of the webhook and of health", "needed"),
    "controllers": ("verify, parse, store, and answer 200", "needed"),
    "schemas": ("Meta's JSON, in and out, with its limits", "needed"),
    "domain": ("people, messages, deliveries: what all layers speak of", "needed"),
    "config": ("settings from the environment and `.env`, all problems at once", "needed"),
    "utils": ("log, metrics, tracing, the settings of features", "needed"),
    "app": ("puts a process together, and runs it", "needed"),
    "app/checks": (
        "checks of flows, texts and features, which stop a start that would fail for a person",
        "needed at the start, and never again",
    ),
    "app/cli": ("the commands of `watch.py`", "a process runs without it"),
    "app/doctor": ("`watch.py doctor`", "a process runs without it; delete its command too"),
    "app/development": ("what `watch.py` runs on a laptop", "a process runs without it"),
    "features": ("capabilities, one folder each: the next table", "each one, and all of them"),
    "emulator": (
        "stands in for Meta, Airtable and OpenAI on a laptop and in tests",
        "a process runs without it; `watch.py` and the tests do not",
    ),
}
#: What no process of a server needs to answer people, and what only features use.
BESIDE_THE_CORE = (
    *("emulator", "app/checks", "app/cli", "app/doctor", "app/development"),
    *("features", "services/open_ai_service.py", "services/clients/openai"),
    *("services/airtable_service.py", "services/clients/airtable"),
)

HEAD = """\
# Map

What each folder of `src` is for, what it costs in lines of Python, and what may be deleted.
`python3 watch.py map` prints this page, and `python3 watch.py fork DIR --features NAME,...` writes
a copy of the project with only some of the features.
"""
CORE = (
    "`app/checks`, `app/cli`, `app/doctor` and `app/development`, the features, and the services",
    "of OpenAI and Airtable, which only features use.",
)
DELETING = """\
To delete a feature, delete `src/features/<name>/`, `tests/features/<name>/` and its page, unless
another feature has the same page. The bot starts without it: menus lose its choices, people get
another answer or the fallback, its tables stay in the database unused, and a warning names its
settings that are still in `.env`. Features that need it are left out too.
"""


def page(root: Path, features: Sequence[type[Feature]]) -> str:
    """Return the page for the project in `root`, with these features."""
    lines = [HEAD, "## Folders", "", "| folder | what it is for | lines | without it |"]
    lines += ["|---|---|---:|---|", *_folders(root / "src"), ""]
    lines += [f"The core has {core_lines(root / 'src'):,} lines: everything but the emulator,"]
    lines += [*CORE, "", "## Features", ""]
    if not features:
        return "\n".join([*lines, "None is here."]) + "\n"
    lines += ["| feature | what it adds | lines | needs | page |", "|---|---|---:|---|---|"]
    lines += [*_features(root, features), "", DELETING.rstrip()]
    return "\n".join(lines) + "\n"


def count_lines(place: Path) -> int:
    """Return the number of lines of Python in a file, or in a folder and those within it."""
    files = [place] if place.is_file() else [p for p in place.rglob("*.py") if p.is_file()]
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)


def core_lines(source: Path) -> int:
    """Return the lines of what every process needs."""
    return count_lines(source) - sum(count_lines(source / name) for name in BESIDE_THE_CORE)


def _folders(source: Path) -> Iterator[str]:
    """Rows of the table; what has a row of its own is not counted twice."""
    for name, (purpose, without) in FOLDERS.items():
        own = count_lines(source / name) - sum(
            count_lines(source / other) for other in FOLDERS if other.startswith(f"{name}/")
        )
        yield f"| `{name}/` | {purpose} | {own:,} | {without} |"


def _features(root: Path, features: Sequence[type[Feature]]) -> Iterator[str]:
    for feature in sorted(features, key=lambda one: one.name):
        lines = count_lines(root / "src/features" / feature.name)
        needs = ", ".join(feature.needs) or "-"
        page = f"[{feature.page}]({Path(feature.page).name})" if feature.page else "-"
        yield f"| `{feature.name}` | {feature.summary} | {lines:,} | {needs} | {page} |"
