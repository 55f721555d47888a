"""Corrections of a name or a number: "no, es Yeison Ríos", "el apellido es Ríos", "no its AB12"."""

from difflib import SequenceMatcher
from typing import Any

from flow_engine import Flow, FlowState, Review
from flow_engine.fitting import Fit, fit, takes_names
from flow_engine.words import as_keyword, normalise
from services.conversations.bare_values import bare_value
from services.conversations.doubtful_names import is_known
from services.conversations.name_edits import edited_name
from texts.catalogue import Texts

#: Most words of such a message, and of the name in it.
MAX_WORDS, MAX_NAME_WORDS = 10, 5
#: Fewest letters of a word of a name that begins with a capital: not "de", "van".
MIN_LETTERS = 4
#: How alike two words of a name are of which one corrects the other.
ALIKE = 0.6
#: Groups of words that stand around a name, besides those around any value.
AROUND = ("no", "agreement", "thanks")


def name_correction(
    texts: Texts, flow: Flow[Any], state: FlowState, text: str
) -> tuple[str, str] | None:
    """Return the step of a name that was given, and the name as a message corrects it."""
    written = text.replace(",", " ").split()
    is_changing = isinstance(flow.step(state.step), Review)  # all answers are shown
    is_aside = bool(state.aside) and not is_changing
    step = next((one for one in reversed(state.answers) if takes_names(flow, one)), None)
    if step is None or is_aside:
        return None
    known = str(state.answers[step]).split()
    name = edited_name(texts, known, text)
    if name is None and "?" not in text and 1 <= len(written) <= MAX_WORDS:
        name = _corrected(texts, known, written, is_meant=is_changing)
    is_other = name is not None and name != state.answers[step] and flow.takes(step, name)
    return (step, str(flow.parse(step, name))) if name and is_other else None


def number_correction(
    texts: Texts, flow: Flow[Any], state: FlowState, text: str
) -> tuple[str, str] | None:
    """Return the step of a number that was given, and the number that corrects a digit of it."""
    written = text.replace(",", " ").split()
    if "?" in text or state.aside or not 1 < len(written) <= MAX_WORDS:
        return None
    opens = texts.vocabulary.words("no", "apology", "correction")
    value = _stripped(texts, written)
    if as_keyword(written[0]) not in opens or len(value) != 1 or not any(map(str.isdigit, text)):
        return None
    for step, answer in reversed(state.answers.items()):
        is_number = fit(flow, step, value[0]) is Fit.KIND and isinstance(answer, str)
        if is_number and _like([str(answer)], value[0]) is not None:
            return step, value[0]
    return None


def _corrected(texts: Texts, known: list[str], written: list[str], *, is_meant: bool) -> str | None:
    """Return the whole name with what a message says of it; None if it says nothing clear."""
    words = [as_keyword(word) for word in written]
    part = _part_named(texts, words)
    said, is_spelled = _without_spelling(texts, written)
    opens = texts.vocabulary.words("no", "apology", "correction")
    is_opened = words[0] in opens or " ".join(words[:2]) in opens
    if part is not None:
        links = texts.vocabulary.words("linking", "change_to")
        said = bare_value(texts, said)  # without the "por" of "por favor"
        words = [as_keyword(word) for word in said]
        at = max((at for at, word in enumerate(words) if word in links), default=-1)
        value = _stripped(texts, said[at + 1 :]) if at >= 0 else []
        known_at = (place for place, one in enumerate(value) if is_known(texts, as_keyword(one)))
        value = value[: next(known_at, len(value))]  # without the "please fix it" behind it
        is_value = bool(value) and not texts.vocabulary.has_any("wrong", words[at + 1 :])
        return _with_part(known, value, part) if is_value else None
    is_wrong = texts.vocabulary.has_any("wrong", words)
    linking = texts.vocabulary.words("linking")
    link = max((at for at, word in enumerate(words[: len(said)]) if word in linking), default=-1)
    value = _stripped(texts, said[link + 1 :]) or _stripped(texts, said)
    if (
        not (is_meant or is_opened or is_spelled or is_wrong)
        or not value
        or any(map(_is_no_name(texts), value))
    ):
        return None
    if len(value) == 1:
        place = _like(known, value[0])
        return None if place is None else _joined(*known[:place], *value, *known[place + 1 :])
    told = value if link >= 0 or is_spelled else value[:1]  # "no incluyas Andrea" tells no name
    is_same_person = any(_like(known, word) is not None for word in told)
    return _joined(*value) if is_same_person else None


def _part_named(texts: Texts, words: list[str]) -> str | None:
    """Return "surname" or "first_name" if a message is about one of them."""
    has_any = texts.vocabulary.has_any
    return next((one for one in ("surname", "first_name") if has_any(one, words)), None)


def _without_spelling(texts: Texts, written: list[str]) -> tuple[list[str], bool]:
    """Return the words before "with an s", and whether there is such an end."""
    ends = texts.vocabulary.words("spelled_with")
    at = next((at for at, word in enumerate(written) if at and as_keyword(word) in ends), None)
    return (written, False) if at is None else (written[:at], True)


def _stripped(texts: Texts, written: list[str]) -> list[str]:
    """Return words without what stands around a name."""
    left = bare_value(texts, written, *AROUND)
    return left if len(left) <= MAX_NAME_WORDS else []


def _with_part(known: list[str], value: list[str], part: str) -> str | None:
    if part == "first_name":
        return _joined(*value, *known[1:]) if len(value) == 1 else None
    place = _like(known[1:], value[0])
    if len(value) > 1 or place is None:
        kept = known[:1] if len(value) > 1 else known[:-1] or known
        return _joined(*kept, *value)
    return _joined(*known[: place + 1], *value, *known[place + 2 :])


def _like(known: list[str], word: str) -> int | None:
    """Return the place of the word of a name that is most like another one."""
    plain = normalise(word)
    alike = [SequenceMatcher(None, normalise(one), plain).ratio() for one in known]
    best = max(alike, default=0.0)
    return alike.index(best) if best >= ALIKE else None


def _is_no_name(texts: Texts) -> Any:
    return lambda word: not as_keyword(word).isalpha() or is_known(texts, as_keyword(word))


def _joined(*words: str) -> str:
    return " ".join(
        word.capitalize() if word.islower() and len(word) > 3 else word for word in words
    )
