"""The names a setting goes by, and what was given under them."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

#: names that mean the same setting, best first
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "WP_ACCESS_TOKEN": ("WHATSAPP_ACCESS_TOKEN", "WHATSAPP_TOKEN", "WHATSAPP_API_KEY"),
    "WP_PHONE_ID": ("WHATSAPP_PHONE_NUMBER_ID",),
    "WP_BID": ("WHATSAPP_BUSINESS_ACCOUNT_ID",),
    "WEBHOOK_VERIFY_TOKEN": (
        "WHATSAPP_VERIFY_TOKEN",
        "WHATSAPP_WEBHOOK_VERIFY_TOKEN",
        "WHATSAPP_WEBHOOK_VERIFICATION_TOKEN",
        "VERIFICATION_TOKEN",
    ),
    "API_VERSION": ("WHATSAPP_API_VERSION",),
    "PORT": ("WHATSAPP_WEBHOOK_PORT",),
}
#: WHATSAPP_API_KEY is also what other providers call a key of theirs, which Meta refuses
DEPRECATED_NAMES = frozenset({"WHATSAPP_API_KEY"})

PLACEHOLDER = re.compile(r"your[_-].*|change[_-]?me.*|placeholder|<.*>|x{3,}|todo", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """Settings by their first name, as text, and what was wrong with how they were given."""

    values: Mapping[str, str]
    problems: tuple[str, ...]
    deprecated_names: tuple[str, ...]


def all_names(name: str) -> tuple[str, ...]:
    return (name, *OTHER_NAMES.get(name, ()))


def gather(settings: Collection[str], given: Mapping[str, str]) -> Given:
    """Pick the settings out of an environment; an empty value counts as none."""
    values: dict[str, str] = {}
    problems: list[str] = []
    used: list[str] = []
    for setting in settings:
        found = {name: given[name].strip() for name in all_names(setting) if given.get(name)}
        found = {name: value for name, value in found.items() if value}
        if len(set(found.values())) > 1:
            names = " and ".join(found)
            problems.append(f"{names} are the same setting with different values: keep one.")
        if found:
            values[setting] = next(iter(found.values()))
            used += found
    return Given(values, tuple(problems), tuple(sorted(DEPRECATED_NAMES.intersection(used))))


def is_placeholder(value: str) -> bool:
    """True for what stands in an example file until a person puts their own value there."""
    return PLACEHOLDER.fullmatch(value) is not None


def without_placeholders(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if not is_placeholder(value.strip())}


def misspelt(settings: Collection[str], given: Collection[str]) -> Iterator[str]:
    """A sentence for each name that is none of ours, nor of the emulator (EMULATOR_...)."""
    known = [name for setting in settings for name in all_names(setting)]
    for name in given:
        if name not in known and not name.startswith("EMULATOR_"):
            nearest = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {nearest[0]}?" if nearest else "remove it."
            yield f"Unknown setting in .env: {name}: {hint}"
