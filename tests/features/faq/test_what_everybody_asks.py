"""What customers ask of the shipped sample is answered, in their own words; nothing else is."""

import tomllib
from pathlib import Path

import pytest
from tests.fakes.understanding import CORPUS, Line, languages, open_context
from tests.features.faq.test_several_questions import Hearer

from features.faq.file_entries import ENTRIES
from features.faq.reader import load_faq

ASKED = Path(__file__).parent / "everybody_asks"
#: Share of the questions of a language that are answered at once; others get suggestions.
ANSWERED = 0.9


@pytest.mark.parametrize("language", languages())
async def test_it_is_answered(language: str) -> None:
    person = tomllib.loads((CORPUS / f"{language}.toml").read_text("utf-8"))["person"]
    entries = {one.question: one.answer for one in load_faq(ENTRIES)}
    told = tomllib.loads((ASKED / f"{language}.toml").read_text("utf-8"))
    questions = [(question, text) for question, texts in told["answered"].items() for text in texts]
    async with open_context() as context:
        hearer = Hearer(context, language)
        said = {
            text: await hearer.said(Line(language, "home", text, "", person))
            for text in (*told["unknown"], *(text for _, text in questions))
        }
    beginnings = {
        question: answer.split("*")[0][:50].strip() for question, answer in entries.items()
    }
    wrong = [
        one for one in told["unknown"] if any(map(said[one].__contains__, beginnings.values()))
    ]
    missed = [text for question, text in questions if beginnings[question] not in said[text]]
    assert not wrong
    assert len(missed) <= (1 - ANSWERED) * len(questions), missed
