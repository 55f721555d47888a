"""Questions that mean the same are one group."""

from datetime import UTC, datetime

from features.faq.question_groups import group
from features.faq.unanswered import UnansweredQuestion

AT = datetime(2026, 11, 2, tzinfo=UTC)


def test_questions_that_share_their_words_are_one_group() -> None:
    def row(number: int, text: str) -> UnansweredQuestion:
        language = "es"  # that of their country, whatever they write in
        return UnansweredQuestion(str(number), f"person-{number % 2}", text, language, AT)

    asked = [
        "When does the shop open?",
        "when do you open the shop",
        "Can I bring my dog?",
        "may i bring dogs",
        "cuando abre la tienda",
    ]
    found = group([row(number, text) for number, text in enumerate(asked)])
    assert sorted(len(one.ids) for one in found) == [1, 2, 2]
