"""Finds what is wrong with the texts: missing keys, odd parameters, and what WhatsApp refuses."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from flow_engine import Flow, Flows, Menu
from texts.catalogue import Texts

#: Names of texts by what may hold them, and Meta's limit there, in UTF-16 units.
LIMITS = {
    "ask": 1024,
    "footer": 60,
    "button": 20,
    "title of a button": 20,
    "title of a row": 24,
    "description": 72,
}
MOST_BUTTONS = 3


def check(texts: Texts, flows: Flows) -> list[str]:
    """A sentence for each fault; none is as it should be."""
    faults = list(_differences(texts))
    faults += (f"prompts/{name}.md is missing" for name in texts.missing_prompts())
    for language in sorted(texts.languages):
        for one in flows:
            faults += (f"{language}.toml: {fault}" for fault in _faults_of(texts, language, one))
    return faults


def _differences(texts: Texts) -> Iterator[str]:
    """Keys and parameters that one language has and another lacks."""
    keys = {one: dict(_flatten(texts.of(one))) for one in texts.languages}
    everything = {key: _parameters(text) for known in keys.values() for key, text in known.items()}
    for language, known in sorted(keys.items()):
        for key, parameters in sorted(everything.items()):
            if key not in known:
                yield f"{language}.toml: {key} is missing"
            elif _parameters(known[key]) != parameters:
                yield f"{language}.toml: {key} has other parameters than in another language"


def _flatten(texts: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in texts.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{path}{name}.")
        elif isinstance(value, str):
            yield f"{path}{name}", value


def _parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _faults_of(texts: Texts, language: str, one: Flow[Any] | Menu) -> Iterator[str]:
    if isinstance(one, Menu):
        yield from _faults_of_question(texts, language, one.name, tuple(one.choices))
        return
    for step in one.steps:
        name = f"{one.name}.{step.name}"
        options = one.options(step.name)
        yield from _faults_of_question(texts, language, name, options, as_list=step.as_list)
        if not texts.find(language, f"{name}.invalid"):
            yield f"{name}.invalid is missing"


def _faults_of_question(
    texts: Texts, language: str, name: str, options: tuple[str, ...], *, as_list: bool = False
) -> Iterator[str]:
    if not texts.find(language, f"{name}.ask"):
        yield f"{name}.ask is missing"
    for role in ("ask", "footer", "button"):
        yield from _too_long(f"{name}.{role}", texts.find(language, f"{name}.{role}"), role)
    is_row = as_list or len(options) > MOST_BUTTONS
    for option in options:
        key = f"{name}.options.{option}"
        found = texts.find(language, key) or {}
        title = "title of a row" if is_row else "title of a button"
        yield from _too_long(f"{key}.title", found.get("title", option), title)
        yield from _too_long(f"{key}.description", found.get("description"), "description")


def _too_long(key: str, text: str | None, role: str) -> Iterator[str]:
    length = len((text or "").strip().encode("utf-16-le")) // 2
    if length > LIMITS[role]:
        yield f"{key} has {length} characters; WhatsApp shows {LIMITS[role]}"
