"""The questions in files, and whether people find their answers."""

from collections import Counter
from pathlib import Path

import pytest
from tests.features.faq.benchmark import FAQ, NOTHING, judge, questions

from features.faq.reader import FaqError, load_faq
from features.faq.search import FaqIndex
from flow_engine.languages import LANGUAGES
from schemas.cloud_api_limits import MAX_TEXT_CHARS


def test_files_of_every_language_are_read() -> None:
    entries = load_faq(FAQ)
    assert Counter(one.language for one in entries) == dict.fromkeys(LANGUAGES, 35)
    first = next(one for one in entries if one.question == "When are you open?")
    assert "opening hours" in first.also
    assert first.answer.startswith("Monday to Friday")
    assert all(len(one.answer) < MAX_TEXT_CHARS for one in entries)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("Some words.\n\n## A question?\n\nYes.", "begin with a question"),
        ("## A question?\n", "A question\\? has no answer"),
        ("## A question?\n\nAlso: one; two\n", "has no answer"),
        ("## A question?\n\n\u200b", "A question\\? has no answer"),
        ("## \n\nAn answer.", "a question has no answer"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, written: str, fault: str) -> None:
    (tmp_path / "broken.en.md").write_text(written, encoding="utf-8")
    with pytest.raises(FaqError, match=f"broken.en.md: .*{fault}"):
        load_faq(tmp_path)


def test_people_find_the_answers_to_their_questions() -> None:
    """Figures of today: 71 % answered, 25 % offered to choose from, none wrong."""
    knowledge = FaqIndex(load_faq(FAQ))
    asked = list(questions())
    known = {one.question for one in load_faq(FAQ)} | {NOTHING}
    assert {expected for _, _, expected in asked} == known
    verdicts = Counter(judge(knowledge, *one) for one in asked)
    assert verdicts.total() >= 60
    assert verdicts["answered"] >= 0.65 * verdicts.total()
    assert verdicts["missed"] <= 0.05 * verdicts.total()
    assert verdicts["wrong"] == 0
