"""The files that `watch.py new` writes: templates with the name filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

from app.checks.definitions import DefinitionError
from app.cli.new_language import language_files
from app.cli.new_names import class_name, identifiers
from app.composition.conversations import load_conversations
from app.composition.features import find_features, import_tables
from flow_engine import LANGUAGES, Flows
from flow_engine.words import normalise
from storage.engine.database import metadata
from storage.engine.revisions import FOLDER, newest_revision
from texts.catalogue import Texts

TEMPLATES = Path(__file__).with_name("templates")
#: Template and path of each file of a kind; texts and stories come in every language beside them.
FILES = {
    "flow": {"flow.py": "src/flows/{name}.py"},
    "effect": {
        "effect.py": "src/flows/{name}.py",
        "init": "src/features/{name}/__init__.py",
        "effect.feature": "src/features/{name}/feature.py",
    },
    "tool": {
        "init": "src/features/{name}/__init__.py",
        "tool.feature": "src/features/{name}/feature.py",
        "tool.test": "tests/features/{name}/test_{name}.py",
    },
    "event": {
        "event.py": "src/events/{name}.py",
        "event.test": "tests/features/events/test_{name}.py",
    },
    "table": {
        "table.py": "src/storage/tables/{name}.py",
        "table.migration": "src/storage/migrations/versions/{revision}_{name}.py",
        "table.test": "tests/storage/test_{name}.py",
    },
    "feature": {
        "init": "src/features/{name}/__init__.py",
        "feature.feature": "src/features/{name}/feature.py",
    },
    "language": {},
}
#: Where the texts of a kind are; without a place of its own, at the end of the core's.
TEXTS = {"feature": "src/features/{name}/texts/{language}.toml"}
STORIES = {
    "flow": "tests/flows/stories/{name}-{language}.yaml",
    "effect": "tests/features/{name}/stories/{name}-{language}.yaml",
    "feature": "tests/features/{name}/stories/{name}-{language}.yaml",
}


class Conflict(Exception):
    """Something of this name exists; says what and where."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to write, or a text to put at the end of one."""

    path: str
    text: str
    at_end: bool = False
    #: The texts of a language without a template: they are English.
    is_untranslated: bool = False

    def write(self, root: Path) -> None:
        """Write it."""
        file = root / self.path
        before = f"{file.read_text(encoding='utf-8').rstrip()}\n\n" if self.at_end else ""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(before + self.text, encoding="utf-8")


def plan_files(kind: str, name: str, root: Path) -> list[NewFile]:
    """Return the files of a kind. Raise Conflict if one of them, or the name, exists already."""
    try:
        flows, texts = load_conversations()
    except DefinitionError as error:
        raise Conflict(f"First fix what is there:\n{error}") from error
    _require_free(kind, name, flows, texts)
    files = [*_code(kind, name), *_texts(kind, name, texts), *_stories(kind, name, texts)]
    if kind == "language":
        made = language_files(name, root)
        files = [NewFile(path, text, is_untranslated=True) for path, text in made]
    for file in files:
        if not file.at_end and (root / file.path).exists():
            raise Conflict(f"{file.path} exists already: choose another name.")
    return files


def _require_free(kind: str, name: str, flows: Flows, texts: Texts) -> None:
    taken: dict[str, bool] = {"language": kind == "language" and name in LANGUAGES}
    if kind in ("flow", "effect"):
        taken["flow or menu"] = any(one.name == name for one in flows)
    if kind in STORIES:
        words = name.replace("_", " ")
        taken["text"] = any(name in texts.of(language) for language in texts.languages)
        taken["trigger"] = flows.triggered_by(normalise(words)) is not None
    if kind in ("effect", "tool", "feature"):
        taken["feature"] = any(one.name == name for one in find_features())
    if kind == "event" and "events" not in {one.name for one in find_features()}:
        raise Conflict("The feature events is not here: it reads the files of src/events.")
    if kind == "table":
        import_tables()
        taken["table"] = name in metadata.tables
    for what, is_taken in taken.items():
        if is_taken:
            raise Conflict(f"A {what} with the name {name} exists already: choose another name.")
    for template in FILES[kind]:
        names = identifiers(_filled(template, "zzz_new"))
        if clash := {name, class_name(name)} & names:
            raise Conflict(f"The new files use the name {min(clash)} already: choose another name.")


def _code(kind: str, name: str) -> Iterator[NewFile]:
    for template, path in FILES[kind].items():
        at = path.format(name=name, revision=_next_revision(name))
        yield NewFile(at, _filled(template, name))


def _texts(kind: str, name: str, texts: Texts) -> Iterator[NewFile]:
    for language in sorted(texts.languages) if kind in STORIES else ():
        is_there = (TEMPLATES / f"{kind}.texts.{language}.txt").is_file()
        text = _filled(f"{kind}.texts.{language if is_there else 'en'}", name)
        path = TEXTS.get(kind, "src/texts/{language}.toml").format(name=name, language=language)
        yield NewFile(path, text, kind not in TEXTS, not is_there)


def _stories(kind: str, name: str, texts: Texts) -> Iterator[NewFile]:
    for language in sorted(texts.languages) if kind in STORIES else ():
        if (TEMPLATES / f"{kind}.story.{language}.txt").is_file():
            path = STORIES[kind].format(name=name, language=language)
            menu = str(texts.find(language, "main_menu.ask")).strip().partition("{")[0]
            yield NewFile(path, _filled(f"{kind}.story.{language}", name, menu=menu))


def _filled(template: str, name: str, **more: str) -> str:
    words = name.replace("_", " ")
    text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(
        name=name,
        words=words,
        dotted=name.replace("_", "."),
        Title=words.capitalize(),
        Class=class_name(name),
        revision=_next_revision(name),
        down_revision=newest_revision(),
        **more,
    )


def _next_revision(name: str) -> str:
    """Return the number after all that migrations have, or the name where they have no numbers."""
    names = (file.name.partition("_")[0] for file in (FOLDER / "versions").glob("*.py"))
    newest = max((one for one in names if one.isdecimal()), key=int, default="")
    return f"{int(newest) + 1:0{len(newest)}}" if newest else name
