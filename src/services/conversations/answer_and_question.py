"""An answer beside a question: "Ana Ruiz, is it free?", "I am a retired nurse. Is that too old?".

The question is answered, and the rest is the answer. Of a text about oneself only the person's own
words are kept.
"""

import re
from dataclasses import replace
from typing import Any

from flow_engine import Flow, FlowState, Turn
from flow_engine.fitting import asks_for_sentences
from flow_engine.words import as_keyword
from services.conversations.answer_and_change import AnswerAndChange
from services.conversations.asides import Asides
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.form_answers import as_reply
from services.conversations.turn import ConversationTurn
from services.conversations.typed_texts import take_text
from texts.catalogue import Texts

#: Fewest words of a person's own, and of a question beside them.
MIN_WORDS = 2
#: Most words of a last sentence that is a question without a mark: "when is it".
MAX_UNMARKED_WORDS = 7
#: What stands between an answer and a question beside it.
_PARTS = re.compile(r"[.!?\n]+\s*|,\s|\s(?:and|y|e)\s")
#: Sentences with the marks behind them.
_SENTENCES = re.compile(r"[^.!?…\n]+[.!?…\n]*")
_MARKS = " ,;…"


async def take_beside_question(
    context: ConversationContext,
    turn: ConversationTurn,
    flow: Flow[Any],
    state: FlowState,
    step: Turn,
) -> Decisions | None:
    """Take an answer that stands beside a question, and answer that; None for other messages."""
    if asks_for_sentences(flow, state.step) and not state.aside:
        own, asked = own_words(context.texts, flow, state, turn.text)
        step = _told(context, turn, flow, state, own) if asked else step
    else:
        asked = _question_beside(context.texts, flow, state, turn.text)
    now = step.state
    if not asked or now is None or now.step == state.step:
        return None
    led = await EffectExecutor(context).follow(turn, step)
    later = replace(turn.after(led), message=replace(turn.message, text=asked))
    answered = await Asides(context).answer_at(later, flow.question(now))
    return replace(led, messages=()) + answered


def _told(
    context: ConversationContext,
    turn: ConversationTurn,
    flow: Flow[Any],
    state: FlowState,
    own: str,
) -> Turn:
    """Return where the words lead that somebody tells, and a correction among them."""
    # What is short without its question is not asked for once more.
    insisting = state.model_copy(update={"refusals": max(state.refusals, 1)})
    told = replace(turn, message=replace(turn.message, text=own))
    changed = AnswerAndChange(context).step(told, flow, insisting, flow.question(state))
    return changed or take_text(context.texts, flow, insisting, as_reply(turn, own))[2]


def _question_beside(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> str:
    """Return the question in a message that the form does not take as a whole."""
    if flow.takes(state.step, text):
        return ""
    parts = (one for one in _PARTS.split(text) if len(one.split()) >= MIN_WORDS)
    return next(filter(texts.vocabulary.asks, parts), "")


def own_words(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> tuple[str, str]:
    """Return what somebody tells in a message with a question, and what they ask in it.

    A question of somebody else is told: "People ask me why I dance? I tell them that I live". Both
    are empty where there is no question, or nothing else.
    """
    own, asked = list[str](), list[str]()
    sentences = _SENTENCES.findall(text)
    for at, sentence in enumerate(sentences):
        is_last = at == len(sentences) - 1
        told, question = _told_and_asked(texts, sentence, is_last=is_last)
        is_cut = bool(told and question)  # "…, is that enough? And my name is …"
        own += [f"{told}." if is_cut and not is_last else told] if told else []
        asked += [question] if question else []
    said = " ".join(own).strip(_MARKS)
    is_first = bool(sentences) and not _told_and_asked(texts, sentences[0], is_last=False)[0]
    is_enough = flow.takes(state.step, said) if is_first else len(said.split()) >= MIN_WORDS
    is_both = is_enough and (bool(asked) or "?" in text)
    return (said, " ".join(asked)) if is_both else ("", "")


def _told_and_asked(texts: Texts, sentence: str, *, is_last: bool) -> tuple[str, str]:
    """Return the parts of a sentence that tell something, and that ask."""
    plain, vocabulary = sentence.strip(), texts.vocabulary
    words = as_keyword(plain).split()
    if "?" not in plain and "¿" not in plain:
        is_asked = is_last and len(words) <= MAX_UNMARKED_WORDS and vocabulary.asks(plain)
        return ("", plain) if is_asked else (plain, "")
    if vocabulary.has_any("reporting", words):
        return plain, ""
    told, comma, question = plain.rpartition(",")
    is_whole = not comma or texts.choices.frames.opens_question(plain)
    return ("", plain) if is_whole or len(told.split()) < MIN_WORDS else (told, question.strip())
