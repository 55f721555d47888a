"""Checks the patterns of a language file: its words, and phrases of flows and their questions."""

from collections.abc import Iterable, Iterator, Mapping

from app.checks.language_file import LanguageFile
from app.checks.question_texts import is_list_of_texts
from flow_engine import Fault, Flow
from flow_engine.phrases import expand
from flow_engine.registry import Definition


def pattern_faults(file: LanguageFile, definitions: Iterable[Definition]) -> Iterator[Fault]:
    """Yield patterns that cannot be read, and phrases or examples that are not a list."""
    groups = file.find("words")
    keys = [f"words.{group}" for group in groups] if isinstance(groups, Mapping) else []
    for key in keys:
        if is_list_of_texts(patterns := file.find(key)):
            yield from _faults_of(file, key, patterns)
    intents = file.find("intents")
    examples = (
        [f"intents.{one}.examples" for one in intents] if isinstance(intents, Mapping) else []
    )
    for key in (*examples, *_keys(definitions)):
        patterns = file.find(key)
        if patterns is None:
            continue
        if is_list_of_texts(patterns):
            yield from _faults_of(file, key, patterns)
        else:
            yield file.fault(key, f"is not a list of texts: {patterns!r}")


def _keys(definitions: Iterable[Definition]) -> Iterator[str]:
    """Yield where flows and menus may have patterns."""
    for definition in definitions:
        yield f"{definition.name}.phrases"
        if isinstance(definition, Flow):
            yield from (f"{definition.name}.{one.name}.unlisted.words" for one in definition.steps)


def _faults_of(file: LanguageFile, key: str, patterns: Iterable[str]) -> Iterator[Fault]:
    for pattern in patterns:
        try:
            phrases = expand(pattern)
        except ValueError as error:
            yield file.fault(key, f"cannot be read: {error}")
            continue
        if not any(phrases):
            yield file.fault(key, f'has a pattern without words: "{pattern}"')
