"""The page docs/map.md: what each folder of `src` is for, and what it costs in lines."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from services.feature import Feature

#: What each folder of `src` is for, and what happens to a bot without it.
FOLDERS = {
    "flows": (
        "conversations, one file each: what you edit first",
        "every file may be deleted; the menus of `main_menu.py` then lose its choice",
    ),
    "events": (
        "what other systems tell, one file for each event: the message that goes out",
        "every file may be deleted, and the folder together with `features/events/`",
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
    "config/file": (
        "the config file, which BOT_CONFIG names: settings and checks in YAML",
        "a process without that file runs without it",
    ),
    "utils": ("log, metrics, tracing, the settings of features", "needed"),
    "app": ("puts a process together, and runs it", "needed"),
    "app/checks": (
        "checks of flows, texts and features, which stop a start that would fail for a person",
        "needed at the start, and never again",
    ),
    "app/cli": ("the commands of `watch.py`", "a process runs without it"),
    "app/doctor": ("`watch.py doctor`", "a process runs without it; delete its command too"),
    "app/site": (
        "`watch.py docs`, the documentation as a site",
        "a process runs without it; delete its command too",
    ),
    "app/connect": ("`watch.py connect`", "a process runs without it; delete its command too"),
    "app/development": ("what `watch.py` runs on a laptop", "a process runs without it"),
    "app/reload": (
        "a running bot follows the config file, and restarts when it gets SIGUSR1",
        "a process without that file needs only `restart.py` of it",
    ),
    "features": ("capabilities, one folder each: the next table", "each one, and all of them"),
    "emulator": (
        "stands in for Meta, Airtable and OpenAI on a laptop and in tests",
        "a process runs without it; `watch.py` and the tests do not",
    ),
}
#: Folders that one feature reads, and that go with it.
OF_FEATURES = ("events",)
#: What no process of a server needs to answer people, and what only features or commands use.
BESIDE_THE_CORE = (
    *OF_FEATURES,
    *("emulator", "app/checks", "app/cli", "app/connect", "app/doctor"),
    *("app/development", "app/domain", "app/site"),
    *("app/schema.py", "app/ledger_names.py", "app/api", "app/consumers", "app/models"),
    *("app/repositories", "app/schemas", "app/services", "app/reload", "config/file", "features"),
    *("services/open_ai_service.py", "services/clients/openai", "services/tool_calls.py"),
    "services/clients/cloud_api/token_facts.py",
    *("services/conversations/domain_events.py", "domain/domain_event.py"),
    *("jobs/inspection.py", "jobs/erasure.py"),
    *("services/airtable_service.py", "services/clients/airtable", "services/setup.py"),
    "services/command_database.py",
    *("app/composition/host.py", "app/composition/cloud_apis.py", "services/host.py"),
    "utils/threads.py",
    *("services/operator_tables_active.py", "services/erasure.py", "storage/people/erasure.py"),
    *("storage/tables/key_value.py", "storage/tables/suppressed.py"),
    *("storage/tables/kept_files.py", "storage/tables/kept_file_pieces.py", "utils/key_ring.py"),
    *("storage/engine/reading.py", "domain/checks.py", "utils/broken_pipe.py"),
    *(
        "utils/plots.py",
        "utils/file_settings.py",
        "utils/regular_files.py",
        "utils/invocation_dir.py",
    ),
    *("texts/markdown.py", "texts/markdown_parser.py"),
    *("texts/whatsapp_marks.py", "utils/byte_budget.py"),
    *("utils/secret_hash.py", "services/open_questions.py"),
)
#: What understands what people write, in all languages: most who change the bot never open it.
UNDERSTANDING = (
    *("flow_engine/languages", "flow_engine/answers.py", "flow_engine/dates.py"),
    *("flow_engine/days.py", "flow_engine/readings.py"),
    *("flow_engine/fitting.py", "flow_engine/partial_dates.py", "flow_engine/phrases.py"),
    "flow_engine/date_tokens.py",
    "flow_engine/profile_names.py",
    *("flow_engine/reachability.py", "flow_engine/sentences.py", "flow_engine/short_forms.py"),
    "flow_engine/spoken_numbers.py",
    *("flow_engine/typed_answers.py", "flow_engine/typos.py"),
    *("flow_engine/words.py", "texts/choices.py", "texts/language.py"),
    *("texts/agreement.py", "texts/frames.py"),
    *("texts/meanings.py", "texts/option_names.py", "texts/small_talk.py"),
    *("texts/reading.py", "texts/vocabulary.py", "texts/word_groups.py"),
    "texts/written_language.py",
    "flow_engine/partial_names.py",
    *(
        f"services/conversations/{name}.py"
        for name in (
            *("answer_and_change", "bare_values", "change_requests", "contrasts"),
            *("review_agreement", "told_values", "unlisted"),
            *("doubtful_names", "form_answers", "further_answers", "last_names"),
            *("name_corrections", "named_values", "opt_out_words", "other_fields", "reasons"),
            *(
                "registration_questions",
                "review_messages",
                "said_answers",
                "said_numbers",
                "name_edits",
                "answer_and_question",
                "spoken_corrections",
                "told_already",
                "told_facts",
                "triggers",
                "typed_choices",
                "typed_texts",
            ),
            *("unclear_answers", "wishes", "word_stages", "written_languages"),
        )
    ),
)
#: What brought the tables of older versions up to date: written once, and never changed.
HISTORY = ("storage/migrations",)

HEAD = """\
# Map

What each folder of `src` is for, what it costs in lines of Python, and what may be deleted.
`python3 watch.py map` prints this page, and `python3 watch.py fork DIR --features NAME,...` writes
a copy of the project with only some of the features.
"""
CORE = """\
The core has {core:,} lines: what each process needs, and so not the emulator, the features, the
commands, the checks at the start, and what only these use. Of them, {understanding:,} understand
what people write, in every language, and {history:,} are migrations. The other {kernel:,} are what
a newcomer reads: in {modules} files.
"""
DELETING = """\
To delete a feature, delete `src/features/<name>/`, `tests/features/<name>/` and its page, unless
another feature has the same page; with `events`, `src/events/`, too. The bot starts without it:
menus lose its choices, people get another answer or the fallback, its tables stay in the database
unused, and a warning names its settings that are still in `.env`. Features that need it are left
out too.
"""


def page(root: Path, features: Sequence[type[Feature]]) -> str:
    """Return the page for the project in `root`, with these features."""
    lines = [HEAD, "## Folders", "", "| folder | what it is for | lines | without it |"]
    lines += ["|---|---|---:|---|", *_folders(root / "src"), ""]
    lines += [*_core(root / "src"), "", "## Features", ""]
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
    return count_lines(source) - _lines_of(source, BESIDE_THE_CORE)


def kernel_lines(source: Path) -> int:
    """Return the lines of the core that neither understand languages nor are migrations."""
    return core_lines(source) - _lines_of(source, (*UNDERSTANDING, *HISTORY))


def is_in(path: Path, source: Path, places: Iterable[str]) -> bool:
    """Return whether a file of `source` is one of the places, or in one of them."""
    name = path.relative_to(source).as_posix()
    return any(name == place or name.startswith(f"{place}/") for place in places)


def _lines_of(source: Path, places: Iterable[str]) -> int:
    return sum(count_lines(source / place) for place in places)


def _core(source: Path) -> list[str]:
    beside = (*BESIDE_THE_CORE, *UNDERSTANDING, *HISTORY)
    files = [path for path in source.rglob("*.py") if not is_in(path, source, beside)]
    core = CORE.format(
        core=core_lines(source),
        understanding=_lines_of(source, UNDERSTANDING),
        history=_lines_of(source, HISTORY),
        kernel=kernel_lines(source),
        modules=len(files),
    )
    return core.splitlines()


def _folders(source: Path) -> Iterator[str]:
    """Rows of the table; what has a row of its own is not counted twice."""
    for name, (purpose, without) in FOLDERS.items():
        if name in OF_FEATURES and not (source / name).is_dir():
            continue
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
