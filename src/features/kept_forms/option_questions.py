"""Questions for what may be chosen in a form: "which documents do you accept"."""

from collections.abc import Iterator, Sequence
from typing import Any

from flow_engine import LANGUAGES, Flow, FlowState, Review
from flow_engine.phrases import Phrases, is_made_of
from flow_engine.short_forms import spelled_out
from flow_engine.words import as_keyword, normalise
from texts.catalogue import Texts

#: Most words of a question that are looked at.
MAX_OPTIONS_WORDS = 9
#: What makes several of one word, in the languages of the texts: "documents".
_PLURAL = "s"
#: Words that name nothing: the "of" of "kind of document".
_COMMON = frozenset(
    normalise(word) for one in LANGUAGES.values() for word in one.search.common.split()
)


def asked_options(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> str | None:
    """Return the step whose options a message asks for: "which documents do you accept"."""
    vocabulary = texts.vocabulary
    words = spelled_out(as_keyword(text)).split()
    opening = vocabulary.words("courtesy", "filler")
    start = next((at for at, word in enumerate(words) if word not in opening), 0)
    words = words[start:]
    is_other = any(vocabulary.has_any(group, words) for group in ("what_is", "why_asked"))
    if is_other or not words or words[0] not in vocabulary.words("which"):
        return None
    asked = words[1:MAX_OPTIONS_WORDS]
    is_accepting = vocabulary.has_any("accepting", asked)
    steps = [step.name for step in flow.steps if _has_options(flow, step.name)]
    steps.sort(key=lambda name: name != state.step)  # that of the open question first
    for name in steps:
        own = set(_names(texts, flow, name))
        beside = [one for one in asked if one not in own and one.removesuffix(_PLURAL) not in own]
        if len(beside) < len(asked) and (is_accepting or _says_nothing(texts, beside)):
            return name
    accepting = vocabulary.phrases("accepting")
    is_whole = is_made_of(asked, accepting, Phrases(_saying_nothing(texts)))
    return state.step if is_whole and state.step in steps and not state.aside else None


def _has_options(flow: Flow[Any], name: str) -> bool:
    return bool(flow.options(name)) and not isinstance(flow.step(name), Review)


def _says_nothing(texts: Texts, words: Sequence[str]) -> bool:
    return _saying_nothing(texts).issuperset(words)


def _saying_nothing(texts: Texts) -> frozenset[str]:
    return texts.vocabulary.words("courtesy", "filler", "option_nouns") | _COMMON


def _names(texts: Texts, flow: Flow[Any], name: str) -> Iterator[str]:
    """Yield the words that name a step or its options, in all languages."""
    key = f"{flow.name}.{name}"
    for language in texts.languages:
        named = (texts.find(language, f"{key}.{one}") for one in ("name", "label"))
        for text in filter(None, named):
            yield from as_keyword(normalise(text)).split()
    for option in flow.options(name):
        yield from texts.words_of_option(key, option) - _COMMON


def options_told(texts: Texts, language: str, flow: Flow[Any], name: str) -> str:
    """Return what may be chosen: the text of the step about it, or the titles of its options."""
    key = f"{flow.name}.{name}"
    if isinstance(texts.find(language, f"{key}.unlisted.answer"), str):
        return texts.say(language, f"{key}.unlisted.answer")
    titles = (
        texts.option_texts(language, key, one).get("title", one) for one in flow.options(name)
    )
    return texts.say(language, "kept_forms.choices", {"choices": ", ".join(map(str, titles))})
