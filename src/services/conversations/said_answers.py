"""Other answers inside a message about answers that a person gave: "wrong, I was born in 97".

A value that differs from the stored answer corrects it. One that is stored already is denied: the
"90" of "born in 97, not 90".
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from flow_engine import Flow, FlowState
from flow_engine.date_tokens import DateTokens, date_tokens
from flow_engine.field_types import is_date
from flow_engine.fitting import asks_for_sentences, takes_names
from flow_engine.sentences import PARTICLES, names_in
from flow_engine.short_forms import spelled_out
from flow_engine.words import as_keyword, normalise
from services.conversations.change_requests import names_of
from services.conversations.doubtful_names import is_known
from services.conversations.name_corrections import name_correction
from services.conversations.said_numbers import MARKS, SaidNumbers, pieces
from texts.catalogue import Texts

#: Most words of a message that is read, and of a date in it.
MAX_WORDS, MAX_DATE_WORDS = 24, 7
#: Stands for an answer that is called wrong, and not told clearly: it is asked.
ASKED = ""


@dataclass(frozen=True)
class SaidAnswers:
    """Finds them by the types of the fields, and by the names of the questions."""

    texts: Texts
    flow: Flow[Any]
    state: FlowState
    text: str

    def others(self) -> dict[str, str]:
        """Return the other answers that a message has, by their steps; ASKED for unclear ones."""
        if len(self._words) > MAX_WORDS:
            return {}
        read = {one: self._other(one, answer) for one, answer in self.state.answers.items()}
        return {step: value for step, value in read.items() if value is not None}

    def names(self, step: str, languages: Collection[str] = ()) -> bool:
        """Return whether a message names a step, in some languages or in any."""
        names = {*names_of(self.texts, self.flow.name, step, languages), *self._birth(step)}
        return not names.isdisjoint((*self._keywords, *spelled_out(as_keyword(self.text)).split()))

    def names_any(self, language: str) -> bool:
        """Return whether a message names an answered step in a language."""
        return any(self.names(one, (language,)) for one in self.state.answers)

    def rest_of_day(self) -> str | None:
        """Return another day where one is asked anew, and a part of it is told: "91"."""
        step, tokens = self.state.step, date_tokens(self.text)
        answer = self.state.answers.get(step)
        if answer is None or tokens is None or not is_date(self.flow.annotation(step)):
            return None
        found = self._with_parts(step, date.fromisoformat(str(answer)), tokens, is_meant=True)
        return found or None

    def named(self, language: str) -> str | None:
        """Return the first answered step that a message names in a language, and says wrong."""
        named = [one for one in self.state.answers if self.names(one, (language,))]
        return next((one for one in named if self.is_wrong or self._says_only(one, ())), None)

    @cached_property
    def is_wrong(self) -> bool:
        """Whether a message says that something is wrong, or is to be changed."""
        vocabulary, words = self.texts.vocabulary, self._keywords
        is_denied = vocabulary.denies(words) or vocabulary.has_any("change", words)
        return is_denied or self.texts.choices.says_wrong(self.text)

    def has_only(self, steps: Collection[str]) -> bool:
        """Return whether a message has nothing besides answers to these steps, and their names."""
        left = " ".join(one for one in self._words if not any(map(str.isdecimal, one)))
        tokens = date_tokens(self.text)
        around = {word for step in steps for word in (*self._around(step), *self._titles(step))}
        around |= self.texts.vocabulary.words("ends_with", "instead", "naming", "pause")
        day = tokens.words if tokens is not None else ()
        return self.texts.choices.frames.is_framed(left, day, around)

    def _titles(self, step: str) -> Collection[str]:
        """Return the words that name the options of a step, or stand in its answer."""
        name = f"{self.flow.name}.{step}"
        named = (self.texts.words_of_option(name, one) for one in self.flow.options(step))
        return {word for words in named for word in words}

    def _other(self, step: str, answer: object) -> str | None:
        flow = self.flow
        if flow.options(step):
            return None if flow.is_several(step) else self._option(step, str(answer))
        if step not in flow.form.model_fields or answer is None or asks_for_sentences(flow, step):
            return None
        if is_date(flow.annotation(step)):
            return self._day(step, str(answer))
        if takes_names(flow, step):
            return self._name(step, str(answer))
        return self._numbers.other(step, str(answer), is_named=self.names(step))

    def _option(self, step: str, answer: str) -> str | None:
        name = f"{self.flow.name}.{step}"
        named = self.texts.options_named(name, self.flow.options(step), self.text)
        others = named - {answer}
        if len(others) != 1:
            return None
        [option] = others
        is_meant = answer in named or self.names(step)
        beside = [word for one in self.state.answers for word in self._around(one)]
        beside += [one for one in self._keywords if any(map(str.isdecimal, one))]  # its number
        beside += self.texts.vocabulary.words("naming", "instead")
        is_meant = is_meant or self.texts.says_only(name, (option,), self.text, *beside)
        return option if is_meant else None

    def _day(self, step: str, answer: str) -> str | None:
        """Return another day: a whole one, or the stored one with a part of it replaced."""
        whole = pieces(self._words, MAX_DATE_WORDS)
        taken = [one for one in whole if self.flow.takes(step, one)]
        others = [one for one in taken if self.flow.parse(step, one) != answer]
        if taken:
            return others[0] if others else None
        tokens, stored = date_tokens(self.text), date.fromisoformat(answer)
        if tokens is None:
            return None
        is_meant = self.names(step) or tokens.denies(stored)
        if not is_meant and not (tokens.is_year and self._says_only(step, tokens.words)):
            return None
        return self._with_parts(step, stored, tokens, is_meant=is_meant)

    def _with_parts(
        self, step: str, stored: date, tokens: DateTokens, *, is_meant: bool
    ) -> str | None:
        parts = tokens.other_parts(stored, datetime.now(UTC).year)
        if parts is None:
            return ASKED if is_meant else None
        if not parts:
            return None
        day = {"year": stored.year, "month": stored.month, "day": stored.day, **parts}
        other = f"{day['year']:04}-{day['month']:02}-{day['day']:02}"
        return other if self.flow.takes(step, other) else ASKED

    def _name(self, step: str, answer: str) -> str | None:
        """Return another name: behind "my name is", like the stored one, or beside a part of it."""
        for behind in names_in(self.text):
            said = self._unknown_start(behind.split())
            found = " ".join(said).strip(MARKS)
            if len(said) > 1 and self.flow.takes(step, found):
                return found if self.flow.parse(step, found) != answer else None
        corrected = name_correction(self.texts, self.flow, self.state, self.text)
        if corrected is not None:
            return corrected[1] if corrected[0] == step else None
        return self._with_part(step, answer)

    def _with_part(self, step: str, answer: str) -> str | None:
        """Return a name with the only unknown word of a message in it: "Tati no, Tatiane"."""
        known = [normalise(one) for one in answer.split()]
        linking = self.texts.vocabulary.words("linking")
        links = [at for at, one in enumerate(self._words) if as_keyword(one) in linking]
        start = links[-1] + 1 if links and self.names(step) else 0
        said = [one.strip(MARKS) for one in self._words[start:]]
        others = [one for one in said if one.isalpha() and not self._is_framing(one, known)]
        is_denied = self.texts.vocabulary.denies(self._keywords)
        denied = [at for at, one in enumerate(known) if is_denied and one in self._keywords]
        is_told = start > 0 and bool(said) and said[0] in others  # "my name is wrong, its Samuel"
        if len(others) != 1 or not (denied or is_told) or len(denied) > 1:
            return None
        parts, at = answer.split(), denied[0] if denied else 0
        parts[at] = others[0].capitalize() if others[0].islower() else others[0]
        other = " ".join(parts)
        return other if self.flow.takes(step, other) else None

    def _is_framing(self, word: str, known: Collection[str]) -> bool:
        """Return whether a word is no new name: the bot knows it, or the stored name has it."""
        return is_known(self.texts, as_keyword(word)) or as_keyword(word) in known

    def _unknown_start(self, words: Sequence[str]) -> Sequence[str]:
        """Return the words of a name: up to one that the bot knows."""
        for at, word in enumerate(words):
            if not as_keyword(word) or is_known(self.texts, as_keyword(word)):
                words = words[:at]
                break
            if word.endswith((",", ".", ";")):
                words = words[: at + 1]
                break
        while words and as_keyword(words[-1]) in PARTICLES:
            words = words[:-1]
        return words

    @cached_property
    def _numbers(self) -> SaidNumbers:
        return SaidNumbers(self.texts, self.flow, self.state, self.text)

    def _says_only(self, step: str, words: Sequence[str]) -> bool:
        """Return whether a message has nothing besides these words that says anything."""
        return self.texts.choices.frames.is_framed(self.text, words, self._around(step))

    def _around(self, step: str) -> Sequence[str]:
        vocabulary = self.texts.vocabulary
        return (
            *names_of(self.texts, self.flow.name, step),
            *self._birth(step),
            *vocabulary.words("no", "negation", "wrong", "change", "change_to"),
        )

    def _birth(self, step: str) -> Collection[str]:
        """Return the words for a birth, where a step asks for a day."""
        is_day = is_date(self.flow.annotation(step))
        return self.texts.vocabulary.words("birth") if is_day else ()

    @cached_property
    def _words(self) -> Sequence[str]:
        return self.text.split()

    @cached_property
    def _keywords(self) -> Sequence[str]:
        return as_keyword(self.text).split()
