"""YAML by the rules of version 1.2, with lines."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.file.yaml_text import YamlError, read_yaml

PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_json_is_yaml_and_means_the_same(value: object) -> None:
    assert read_yaml(json.dumps(value)).values == value


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    lines = [1]
    try:
        read_yaml(text)
    except YamlError as error:
        lines = [problem.line for problem in error.problems]
    assert lines
    assert min(lines) >= 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("true", True),
        ("False", False),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("12:30", "12:30"),
        ("2026-12-01", "2026-12-01"),
        ("1_000", "1_000"),
        ("~", None),
        ("-.INF", float("-inf")),
        ("1e3", 1000.0),
        ("=", "="),
        ("+573001112233", 573001112233),
    ],
)
def test_plain_values_are_those_of_version_1_2(text: str, value: object) -> None:
    found = read_yaml(f"key: {text}").values["key"]
    assert (found, type(found)) == (value, type(value))


def test_the_key_on_stays_a_word_and_numbers_keep_their_digits() -> None:
    document = read_yaml("on: [a]\nphone: 0034612345678")
    assert list(document.values) == ["on", "phone"]
    assert document.numbers[("phone",)] == "0034612345678"


def test_lines_are_known_of_keys_and_of_the_text_of_blocks() -> None:
    document = read_yaml("a:\n  b: 1\n  list:\n    - x\n    - y\nprompt: |\n  one\n  two\n")
    assert document.line_of(("a", "b")) == 2
    assert document.line_of(("a", "list", 1)) == 5
    assert document.line_of(("a", "gone")) == 1
    assert document.text_lines[("prompt",)] == 7


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a is there twice: the first is in line 1"),
        ("a:\n  b: [1\n", 3, "expected ',' or ']'"),
        ("a: !!python/object/apply:os.system [x]", 1, "means nothing here"),
        ("a: &a [*a]", 1, "nested too deeply"),
        ("? [1]\n: 2", 1, "a key has to be a word"),
        ("a: \x00", 1, "this is not YAML"),
        ("--- a\n--- b\n", 2, "another document"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(text: str, line: int, said: str) -> None:
    try:
        problems = read_yaml(text).problems
    except YamlError as error:
        problems = error.problems
    assert any(one.line == line and said in one.text for one in problems), problems


def test_a_few_lines_cannot_mean_billions_of_values() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12))
    with pytest.raises(YamlError, match="too many values"):
        read_yaml(f"l0: &l0 [x]\n{levels}")
