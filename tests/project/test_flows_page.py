"""docs/flows.md explains everything that a flow can name."""

import dataclasses
import re
from pathlib import Path

import flow_engine
from app.checks.question_texts import MAX_CHARS
from flow_engine import Ask, Call, Flow
from flow_engine.state import SHARED_OPTIONS, SHARED_QUESTIONS
from services.conversations.described_messages import TABLES
from texts.filters import FILTERS
from texts.required import CORE_TEXTS, KINDS_TO_SEND

PAGE = (Path(__file__).parents[2] / "docs/flows.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"\w+", PAGE))


def missing(names: object) -> set[str]:
    return {str(name) for name in names if str(name) not in WORDS}  # type: ignore[attr-defined]


def test_every_public_name_is_explained() -> None:
    assert missing(flow_engine.__all__) == set()


def test_every_option_is_explained() -> None:
    for kind in (Flow, Ask, Call):
        fields = {field.name for field in dataclasses.fields(kind) if field.init}
        assert missing(fields) == set(), kind.__name__


def test_every_key_is_explained() -> None:
    assert missing([*FILTERS, *SHARED_QUESTIONS, *SHARED_OPTIONS, *KINDS_TO_SEND]) == set()
    assert missing(role for role in MAX_CHARS if " " not in role) == set()
    for _, table in TABLES.values():
        assert missing(field.name for field in dataclasses.fields(table)) == set()
    engine = [key for key in CORE_TEXTS.keys if re.match(r"common\.(several|send|locale)", key)]
    assert {key for key in engine if f"`{key}`" not in PAGE} == set()
