"""No text breaks a line inside of a sentence: a phone shows it as it is written."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import features
import texts

FOLDERS = (Path(texts.__path__[0]), *Path(features.__path__[0]).glob("*/texts"))
#: What ends a line that may stand by itself, with a mark behind it, and what begins the next one.
_END, _BEGINNING = re.compile(r"[.!?:…})][*_»”\")]*$"), re.compile(r"[-*•\d{]")


def breaks(text: str) -> list[str]:
    """The lines of a text that go on in the next one."""
    lines = text.splitlines()
    return [
        before
        for before, after in pairwise(lines)
        if before.strip() and after.strip()
        if not _END.search(before.strip()) or after.strip()[0].islower()
        if not _BEGINNING.match(after.strip())
    ]


def said(table: Mapping[str, Any], key: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from said(value, f"{key}.{name}")
        elif isinstance(value, str):
            yield f"{key}.{name}", value


def paragraphs() -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for file in sorted(folder.glob("*.toml")):
            yield from said(tomllib.loads(file.read_text(encoding="utf-8")), file.name)
        for file in sorted(folder.glob("entries/*.md")):
            for part in file.read_text(encoding="utf-8").split("\n\n"):
                is_head = re.match(r"#|Title:|Also:|Action:|Exact:", part)
                yield from [] if is_head else [(file.name, part)]


def test_no_text_breaks_a_line_inside_of_a_sentence() -> None:
    found = [f"{key}: {line}" for key, text in paragraphs() for line in breaks(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Envía *borrar mis datos* para\nque lo borremos.", 1),
        ("To\nsee it all, send *my data*.", 1),
        ("It is free.\nbut come early", 1),
        ("We are open:\n- Monday\n- Friday", 0),
        ("It is free.\nOur policy: https://example.com", 0),
        ("One.\n\nTwo", 0),
    ],
)
def test_such_a_break_is_found(text: str, lines: int) -> None:
    assert len(breaks(text)) == lines
