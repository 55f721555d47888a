"""Finds the entries that answer a message: the whole of it, or each question inside it."""

from collections.abc import Awaitable, Callable, Sequence

from features.faq.entry import FaqEntry
from features.faq.interjections import without_interjections
from features.faq.search import FaqIndex, SearchResult
from features.faq.several import questions_in
from flow_engine.words import as_keyword
from services.conversations.turn import ConversationTurn
from services.conversations.written_languages import WRITTEN
from texts.catalogue import Texts


class Finder:
    """Reads messages as the FAQ is asked: without interjections, in the language they are in."""

    def __init__(self, texts: Texts, index: Callable[[], Awaitable[FaqIndex]]) -> None:
        self._texts = texts
        self._index = index

    async def answers(self, turn: ConversationTurn, found: SearchResult) -> Sequence[FaqEntry]:
        """Return the entries that answer a message: one, or one for each question inside it."""
        whole = [found.answer] if found.answer is not None else []
        if found.is_asked or turn.message.shows_something:
            return whole
        questions = questions_in(self._texts.vocabulary, turn.text)
        parts = [(await self._find_text(turn, one)).answer for one in questions]
        answers = list(dict.fromkeys(one for one in parts if one is not None))
        return answers if len(answers) > 1 or not whole else whole

    async def find(self, turn: ConversationTurn) -> SearchResult:
        if turn.message.shows_something and self._asks_what_it_is(turn.text):
            return SearchResult()  # no entry knows what people quote or show
        whole, found = turn.text, await self._find_text(turn, turn.text)
        asked = without_interjections(self._texts.vocabulary, whole)
        if found.answer is not None or not asked:
            return found
        behind = await self._find_text(turn, asked)
        return behind if behind.answer is not None else found

    def _asks_what_it_is(self, text: str) -> bool:
        vocabulary = self._texts.vocabulary
        readings = (text, without_interjections(vocabulary, text))
        return any(vocabulary.is_word("what_is_this", one) for one in readings if one)

    async def _find_text(self, turn: ConversationTurn, text: str) -> SearchResult:
        vocabulary, language = self._texts.vocabulary, turn.language
        written = self._texts.written_language.of(text)
        asks = vocabulary.asks(text)
        is_reported = not asks and vocabulary.has_any("reported", as_keyword(text).split())
        is_own = written is not None or WRITTEN.read(turn.state) == language
        return (await self._index()).find(
            text,
            written or language,
            vocabulary.readings(text),
            is_sure=not (is_reported or vocabulary.is_denial(text)),
            suggests_others=not is_own,
            is_question=asks and not vocabulary.has_phrase("why_asked", text),
        )
