"""What people write is understood: the corpus in tests/data/understanding, by the real stages."""

from collections.abc import Sequence

import pytest
from tests.fakes.understanding import Judged, judge_corpus, languages, read_corpus

#: Share of the lines of a language that are understood.
UNDERSTOOD = 0.95
#: Fewest lines of a language.
LINES = 500
OPT_OUTS = {"opt_out", "opt_out_asked"}


@pytest.mark.parametrize("language", languages())
async def test_what_people_write_is_understood(language: str) -> None:
    assert len(read_corpus(language)) >= LINES
    judged = await judge_corpus(language)
    wrong = [one for one in judged if not one.is_right]
    assert len(wrong) <= (1 - UNDERSTOOD) * len(judged), told(wrong)
    assert not (answers := [one for one in judged if one.is_wrong_answer]), told(answers)
    assert not (missed := [one for one in judged if misses_opt_out(one)]), told(missed)


def misses_opt_out(one: Judged) -> bool:
    """Whether an opt-out is missed or invented; to ask about one is neither, if it was meant."""
    expected, taken = one.line.expected, {*one.taken}
    if expected in OPT_OUTS:
        return not taken & OPT_OUTS or (expected == "opt_out_asked" and "opt_out" in taken)
    return bool(taken & OPT_OUTS)


def told(judged: Sequence[Judged]) -> str:
    return "\n".join(
        f"{one.line.situation} {one.line.text!r}: {one.line.expected}, but {' or '.join(one.taken)}"
        for one in judged
    )
