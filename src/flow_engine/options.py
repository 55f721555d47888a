"""Options that are loaded when a step is reached, as people see them."""

from collections.abc import Iterable
from dataclasses import dataclass

#: Longest id of an option, in characters: Meta takes 200 for a row, with the name of the question.
MAX_OPTION_ID_CHARS = 100


@dataclass(frozen=True, slots=True)
class Option:
    """One option. The answer is its `id`; without a title, the id is shown."""

    id: str
    title: str = ""
    description: str | None = None

    @property
    def label(self) -> str:
        return self.title.strip() or self.id


@dataclass(frozen=True, slots=True)
class UsableOptions:
    """What can be shown of loaded options, and why others are left out."""

    options: tuple[Option, ...]
    problems: tuple[str, ...]


def usable_options(loaded: Iterable[object]) -> UsableOptions:
    """Return the options that can be shown: those that are texts, not blank, and not doubled."""
    found: dict[str, Option] = {}
    problems: list[str] = []
    for one in loaded:
        option = one if isinstance(one, Option) else _from_value(one)
        if option is None or not option.id.strip():
            problems.append(f"left out, since it is no text or blank: {one!r}")
            continue
        option = Option(option.id.strip(), option.title, option.description)
        if len(option.id) > MAX_OPTION_ID_CHARS:
            problems.append(f"left out, since it is too long for an id: {option.id[:40]!r}…")
        elif option.id in found:
            problems.append(f"left out, since it is there twice: {option.id!r}")
        else:
            found[option.id] = option
    return UsableOptions(tuple(found.values()), tuple(problems))


def _from_value(value: object) -> Option | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Option(str(value)) if isinstance(value, str) or is_number else None
