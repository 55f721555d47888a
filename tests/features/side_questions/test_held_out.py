"""Questions that nothing was learnt from are answered, and ordinary answers are taken as such."""

from collections.abc import Sequence
from time import process_time

import pytest
from tests.fakes.understanding import languages
from tests.features.side_questions.judging import HOME, NONE, PARTS, Verdict, judge, read_lines

from features.side_questions.command_actions import load
from features.side_questions.intents import read_examples
from features.side_questions.model import FILE, read_model
from features.side_questions.reader import Reader

#: Share of the questions of a language that get their answer, by part: in a form, and elsewhere.
#: Only the third part says what to expect of messages that nobody has thought of.
ANSWERED = {"": (0.95, 0.9), "second": (0.85, 0.8), "third": (0.55, 0.45)}
#: Most ordinary messages of a language that are taken for a question, of about 30.
MAX_TAKEN = 3
#: Most that a message, and a start of a process, may take of a slow machine: ten times the usual.
MAX_MESSAGE_SECONDS, MAX_START_SECONDS = 0.002, 0.1


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("part", PARTS)
async def test_what_people_ask_is_answered(language: str, part: str) -> None:
    verdicts = await judge(language, part)
    asked = [one for one in verdicts if one.line.expected != NONE]
    in_forms = [one for one in asked if one.line.situation != HOME]
    elsewhere = [one for one in asked if one.line.situation == HOME]
    for least, ones in zip(ANSWERED[part], (in_forms, elsewhere), strict=True):
        missed = [one for one in ones if not one.is_right]
        assert len(missed) <= (1 - least) * len(ones), told(missed)
    taken = [one for one in verdicts if one.line.expected == NONE and not one.is_right]
    assert len(taken) <= MAX_TAKEN, told(taken)


def test_the_model_is_that_of_the_examples() -> None:
    assert read_model(FILE).knows(read_examples(load())), (
        "the examples have changed: run `python3 watch.py intents --train`"
    )


def test_a_message_costs_little() -> None:
    texts = load()
    lines = [one.text for language in languages() for one in read_lines(language)]
    read_model.cache_clear()
    vocabulary = texts.vocabulary  # which a bot without side questions has, too
    began = process_time()
    reader = Reader(read_examples(texts), vocabulary)
    started = process_time() - began
    assert started < MAX_START_SECONDS
    reader.read(lines[0])  # the vocabulary works out its phrases
    began = process_time()
    for line in lines:
        reader.read(line)
    assert (process_time() - began) / len(lines) < MAX_MESSAGE_SECONDS


def told(verdicts: Sequence[Verdict]) -> str:
    return "\n".join(
        f"{one.line.situation} {one.line.text!r}: {one.line.expected}, but {sorted(one.told)}"
        for one in verdicts
    )
