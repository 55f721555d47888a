"""`watch.py fork`: writes a copy of the project with only some of the features."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from app.cli import feature_marks
from app.cli.env_example import env_example
from app.cli.project_files import project_files
from app.cli.project_map import count_lines, page
from app.composition.features import find_features, settings_models
from services.feature import Feature
from utils.commands import CommandError


@dataclass(frozen=True, slots=True)
class Selection:
    """The features of a copy."""

    kept: tuple[type[Feature], ...]
    left_out: tuple[type[Feature], ...]
    #: Features that were added since others need them, by the one that needs them first.
    added: dict[str, str]

    @property
    def absent(self) -> frozenset[str]:
        """Names of those left out."""
        return frozenset(feature.name for feature in self.left_out)

    @property
    def absent_settings(self) -> frozenset[str]:
        """Environment variables that only features that are left out read."""
        names = {f"features.{name}.settings" for name in self.absent}
        models = (model for model in settings_models() if model.__module__ in names)
        return frozenset(name for model in models for one in model.names().values() for name in one)

    def has_file(self, path: str) -> bool:
        """Whether a file of the project, by its path, belongs into the copy."""
        folders = [f"{place}/{name}/" for place in FEATURE_FOLDERS for name in self.absent]
        folders += [f"{folder}/" for feature in self.left_out for folder in feature.folders]
        return not path.startswith(tuple(folders)) and path not in self.removed_pages

    @property
    def removed_pages(self) -> frozenset[str]:
        """Pages that are only about features that are left out."""
        kept = {feature.page for feature in self.kept}
        return frozenset(one.page for one in self.left_out if one.page and one.page not in kept)


#: Folders with one folder for each feature.
FEATURE_FOLDERS = ("src/features", "tests/features")


def fork(root: Path, folder: Path, names: Sequence[str]) -> Selection:
    """Copy the project in `root` into an empty folder; raises CommandError."""
    selection = select(names)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CommandError(f"{folder} is not empty. Name a folder that does not exist yet.")
    if folder.resolve().is_relative_to(root.resolve()):
        raise CommandError(f"{folder} is inside the project. Name a folder outside of it.")
    try:
        for path in project_files(root):
            if selection.has_file(path):
                _copy(root, folder, path, selection)
        (folder / "docs/map.md").write_text(page(folder, selection.kept), encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{error.filename or folder} cannot be written: {error.strerror}. Name another folder."
        ) from error
    return selection


def select(names: Sequence[str]) -> Selection:
    """Return the features of these names, and those that they need; raises CommandError."""
    known = {feature.name: feature for feature in find_features()}
    kept, added = dict[str, type[Feature]](), dict[str, str]()
    waiting = [(name, "") for name in names]
    for name, needed_by in waiting:
        if name not in known:
            raise CommandError(_unknown(name, known))
        if name in kept:
            continue
        kept[name] = known[name]
        if needed_by and name not in names:
            added[name] = needed_by
        waiting += [(need, name) for need in known[name].needs]
    left_out = tuple(feature for name, feature in known.items() if name not in kept)
    return Selection(tuple(kept.values()), left_out, added)


def summary(selection: Selection, folder: Path) -> str:
    """Return what a person reads once the copy is there."""
    lines = [f"Added {name}: {by} needs it." for name, by in selection.added.items()]
    lines += [f"Left out {one.name}: {one.summary}." for one in selection.left_out]
    kept = ", ".join(sorted(one.name for one in selection.kept)) or "none"
    lines += [f"Wrote {folder}: features {kept}; {count_lines(folder / 'src'):,} lines in src."]
    return "\n".join([*lines, "", "Next:", f"  cd {folder}", "  python3 watch.py test"])


def _unknown(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name, known, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"There is no feature {name}.{hint} Features: {', '.join(sorted(known))}."


def _copy(root: Path, folder: Path, path: str, selection: Selection) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(root / path, target)
    if rewrite := _rewriter(path):
        text = target.read_text(encoding="utf-8")
        target.write_text(rewrite(text, selection), encoding="utf-8")


def _rewriter(path: str) -> Callable[[str, Selection], str] | None:
    if path.endswith(".md"):
        return _rewrite_page
    return {"pyproject.toml": _rewrite_project, ".env-example": _rewrite_example}.get(path)


def _rewrite_page(text: str, selection: Selection) -> str:
    kept = [feature.name for feature in selection.kept]
    text = feature_marks.without_absent(text, kept)
    text = feature_marks.without_rows(
        text, selection.absent, selection.absent_settings, selection.removed_pages
    )
    return feature_marks.without_links(text, selection.removed_pages)


def _rewrite_project(text: str, selection: Selection) -> str:
    """Without the exceptions, of import contracts and of ruff, that absent features need."""
    names = [f"{start}{name}{end}" for name in selection.absent for start, end in PROJECT_NAMES]
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not any(name in line for name in names))


#: How lines of pyproject.toml name a feature.
PROJECT_NAMES = (("features.", "."), ("features/", "/"))


def _rewrite_example(_text: str, selection: Selection) -> str:
    names = {f"features.{feature.name}.settings" for feature in selection.kept}
    models = [one for one in settings_models() if one.__module__ in names]
    return env_example(models)
