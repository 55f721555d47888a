"""`watch.py new KIND NAME`: writes the files of one of a forker's tasks, as docs/howto says."""

import sys
from collections.abc import Sequence
from pathlib import Path

from app.cli.new_files import Conflict, NewFile, plan_files
from app.cli.new_language import check_code
from app.cli.new_names import BadName, check_name

ROOT = Path(__file__).parents[3]
#: What can be written, the page that explains it, and what to do with the new files.
KINDS = {
    "flow": ("flow.md", "Change the questions in the flow, and what they say in the texts."),
    "effect": ("effect.md", "Change what the handler in the feature does."),
    "tool": ("assistant-tool.md", "Change what the tool looks up, and its description."),
    "event": ("event.md", "Change the fields, the template and what fills it."),
    "table": ("table.md", "Change the columns, in the table and in the migration alike."),
    "feature": ("README.md", "Change what the stage answers; the other pages add more."),
    "language": (
        "language.md",
        "Translate the files, each of which is still English.",
    ),
}


def write_new(kind: str, name: str) -> int:
    """Write the files. Return 2 for a name that cannot be, and 1 for one that is taken."""
    try:
        check_code(name) if kind == "language" else check_name(name)
    except BadName as error:
        print(error, file=sys.stderr)
        return 2
    try:
        files = plan_files(kind, name, ROOT)
    except Conflict as error:
        print(f"Nothing was written. {error}", file=sys.stderr)
        return 1
    for file in files:
        file.write(ROOT)
    print("\n".join(_report(kind, name, files)))
    return 0


def _report(kind: str, name: str, files: Sequence[NewFile]) -> list[str]:
    """Return what was written, and the next steps."""
    page, change = KINDS[kind]
    lines = ["Wrote:", *(f"  {file.path}{' (at the end)' * file.at_end}" for file in files)]
    tests = [file.path for file in files if file.path.startswith("tests/")]
    python_tests = [path for path in tests if path.endswith(".py")]
    untranslated = sorted(file.path for file in files if file.is_untranslated)
    if untranslated and kind != "language":
        lines += ["", f"The texts in {', '.join(untranslated)} are English: translate them."]
    stories = "tests/texts" if kind == "language" else f"tests/acceptance/test_stories.py -k {name}"
    chosen = " ".join(python_tests or [stories])
    return [
        *lines,
        "",
        "Next:",
        f"  1. {change} docs/howto/{page} explains how.",
        f"  2. Test it: python3 watch.py test {chosen}",
        *(
            [
                "  3. Try it: python3 watch.py",
                "     On the phone page, More > Save as story writes a test of it: docs/stories.md",
                *(_STALE_STORIES if any(path.endswith(".yaml") for path in tests) else ()),
            ]
            if kind in ("flow", "effect", "feature", "language")
            else []
        ),
    ]


#: What a developer does with the stories of a new flow.
_STALE_STORIES = (
    "  4. The stories tell the conversation as it is now: when you change the questions, change",
    "     them, or delete them and save new ones.",
)
