"""When something takes place: the next date, and whether one is on a day that is asked for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice, takewhile

from features.side_questions.periods import PERIODS, Period, asked_period
from flow_engine import LANGUAGES, Flow
from flow_engine.recurring import Occurrence, occurrences
from flow_engine.typos import is_among, words_in
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.turn import ConversationTurn

#: Groups of words that ask for a date, and those that may stand around them.
ASKING = ("date_asked", "date_missed")
AROUND = ("date_around", "filler", "greeting", "thanks")
_CLAUSES = re.compile(r"[^.,;!?…\n]+\??")
#: Groups that ask for the next time of what is named, and for another time than one.
NEXT, AFTER = "date_next", "date_after"


class EventDates:
    """Tells the dates of the options of flows that have some (`Ask(dates=...)`)."""

    def __init__(self, context: ConversationContext) -> None:
        self._context = context
        #: what questions for a date are made of, by language
        self._words: dict[str, frozenset[str]] = {}

    def asks(self, turn: ConversationTurn) -> bool:
        """Return whether a message asks for a date and nothing else: "is there one in may?"."""
        vocabulary, words = self._context.texts.vocabulary, words_in(turn.text)
        named = self._named(turn.text)
        is_next = bool(named) and vocabulary.has_any(NEXT, words)
        is_when = is_next or any(vocabulary.has_any(group, words) for group in ASKING)
        has_period = self._period(turn, words) is not None
        if not is_when and not has_period:
            return False
        if self.asks_for_another(turn):
            return True
        known = self._known(turn.language).union(
            *(self._context.texts.words_of_option(*one) for one in named)
        )
        asks = is_when or bool(named) or vocabulary.asks(turn.text)
        return asks and all(is_among(word, known) for word in words)

    def asks_for_another(self, turn: ConversationTurn) -> bool:
        """Return whether somebody cannot come, and asks for another time: "any other date?"."""
        vocabulary, words = self._context.texts.vocabulary, words_in(turn.text)
        if not self._is_of_another(turn.text, words):
            return False
        asks = any(map(vocabulary.asks, _CLAUSES.findall(turn.text)))
        return asks or bool(self._named(turn.text)) or self._period(turn, words) is not None

    def _known(self, code: str) -> frozenset[str]:
        """Return the words of questions for a date in a language."""
        if code not in self._words:
            groups = (*ASKING, NEXT, AFTER, *PERIODS, *AROUND)
            said = [
                one for group in groups for one in self._context.texts.find(code, f"words.{group}")
            ]
            if (language := LANGUAGES.get(code)) is not None:
                dates = language.dates
                said += [*dates.months, *dates.weekdays, *dates.relative, language.search.common]
            self._words[code] = frozenset(words_in(" ".join(said)))
        return self._words[code]

    def told(self, turn: ConversationTurn) -> str | None:
        """Return what answers a question for a date; None if no option has any.

        An option that is named is told of alone. A day, a week or a month that is named is
        answered with yes or no, unless the message asks when.
        """
        if not (meant := self._meant(turn)):
            return None
        now = turn.now.astimezone(self._context.zone)
        words = words_in(turn.text)
        period = self._period(turn, words)
        if self._is_of_another(turn.text, words):
            others = {key: _after(rule, now, period) for key, rule in meant.items()}
            return "\n".join(self._say(turn, key, one) for key, one in _in_order(others))
        nearest = {key: next(occurrences(rule, now), None) for key, rule in meant.items()}
        within = {key: one for key, rule in meant.items() if (one := _in(rule, now, period))}
        said = [self._say(turn, key, one) for key, one in _in_order(within or nearest)]
        answer = self._yes_or_no(words, is_there=bool(within)) if period else ""
        answer = self._context.texts.say(turn.language, answer) if answer else ""
        return "\n".join([f"{answer} {said[0]}".strip(), *said[1:]])

    def _period(self, turn: ConversationTurn, words: Sequence[str]) -> Period | None:
        today = turn.now.astimezone(self._context.zone).date()
        text = turn.text.replace("…", " ")
        return asked_period(self._context.texts.vocabulary, text, words, today)

    def _dates(self) -> Iterator[tuple[str, str, str]]:
        """Yield (name of the question, option, rule) for each option that has dates."""
        for flow in self._context.flows:
            for step in flow.steps if isinstance(flow, Flow) else ():
                for option, rule in step.dates.items():
                    yield f"{flow.name}.{step.name}", option, rule

    def is_about_events(self, text: str) -> bool:
        """Return whether a text names something that takes place: "is the workshop in English?"."""
        vocabulary = self._context.texts.vocabulary
        return bool(self._named(text)) or vocabulary.has_any("event", words_in(text))

    def names_a_time(self, turn: ConversationTurn) -> bool:
        """Return whether a message names one of the options, and a day, a week or a month."""
        return bool(self._named(turn.text)) and self._period(turn, words_in(turn.text)) is not None

    def _is_of_another(self, text: str, words: Sequence[str]) -> bool:
        vocabulary = self._context.texts.vocabulary
        is_denied = vocabulary.denies(as_keyword(text).split()) or vocabulary.denies(words)
        return is_denied and vocabulary.has_any(AFTER, words)

    def _named(self, text: str) -> Sequence[tuple[str, str]]:
        """Return (name of the question, option) for those that a message names."""
        named = self._context.texts.options_named
        pairs = ((name, option) for name, option, _ in self._dates())
        return [(name, option) for name, option in pairs if named(name, [option], text)]

    def _meant(self, turn: ConversationTurn) -> Mapping[str, str]:
        """Return the rules of the options that a message names, or of all, by their keys."""
        named = self._named(turn.text)
        return {
            f"{name}.options.{option}": rule
            for name, option, rule in self._dates()
            if not named or (name, option) in named
        }

    def _yes_or_no(self, words: Sequence[str], *, is_there: bool) -> str:
        """Return the key of what answers "is it this saturday", or "did I miss it"."""
        has_any = self._context.texts.vocabulary.has_any
        if has_any("date_asked", words):
            return ""
        is_yes = is_there != has_any("date_missed", words)
        return f"side_questions.{'yes' if is_yes else 'no'}"

    def _say(self, turn: ConversationTurn, key: str, one: Occurrence | None) -> str:
        texts, option = self._context.texts, key.rpartition(".")[2]
        date = str(one or texts.say(turn.language, "common.no_date"))
        given = {**self._context.dates(turn), "first_name": turn.user.first_name, option: date}
        return texts.say(turn.language, f"{key}.next", given)


def _after(rule: str, now: datetime, period: Period | None) -> Occurrence | None:
    """Return the first time after a period; without one, that after the next."""
    ahead = occurrences(rule, now)
    if period is None:
        return next(islice(ahead, 1, None), None)
    return next((one for one in ahead if one.start.date() > period.last), None)


def _in(rule: str, now: datetime, period: Period | None) -> Occurrence | None:
    """Return the first time within a period."""
    if period is None:
        return None
    ahead = takewhile(lambda one: one.start.date() <= period.last, occurrences(rule, now))
    return next((one for one in ahead if one.start.date() >= period.first), None)


def _in_order(found: Mapping[str, Occurrence | None]) -> list[tuple[str, Occurrence | None]]:
    """Return the earliest first, and those without a date last."""
    dated = [(one.start.timestamp() if one else float("inf"), key) for key, one in found.items()]
    return [(key, found[key]) for _, key in sorted(dated)]
