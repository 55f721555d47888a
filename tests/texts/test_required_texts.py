"""The lists of texts that the code says are complete: they are compared with the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import texts
from app.composition.catalogue import load_texts
from app.composition.features import find_features
from texts.required import CORE_TEXTS

SOURCE = Path(texts.__file__).parents[1]
FEATURES = find_features()
DECLARED = (CORE_TEXTS, *(feature.required_texts for feature in FEATURES))
#: Folders whose texts are checked otherwise (flows), or come from elsewhere.
OTHERS = ("emulator", "flows")
TABLES = (
    *("common", "news", "unsupported", "more"),
    *(feature.name for feature in FEATURES if feature.required_texts.keys),
)


def constants() -> Iterator[tuple[str, str]]:
    for path in SOURCE.rglob("*.py"):
        if path.relative_to(SOURCE).parts[0] not in OTHERS:
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield path.name, node.value


@pytest.fixture(scope="module")
def keys_in_code() -> dict[str, str]:
    known = {key for one in DECLARED for key in one.keys}
    found = {}
    for file, text in constants():
        table, _, key = text.partition(".")
        if (table in TABLES and key.isidentifier()) or text in known:
            found[text] = file
    return found


def test_every_text_that_the_code_says_is_declared(keys_in_code: dict[str, str]) -> None:
    declared = {key for one in DECLARED for key in one.keys}
    assert {key: file for key, file in keys_in_code.items() if key not in declared} == {}


def test_every_group_of_words_that_the_texts_have_is_declared() -> None:
    shipped = load_texts()
    groups = {group for one in DECLARED for group in one.words}
    for language in shipped.languages:
        assert shipped.find(language, "words").keys() == groups
