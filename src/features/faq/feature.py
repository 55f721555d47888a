"""FAQ: common questions are answered from files, and from the FAQ table of operators."""

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from features.faq import hits, unanswered, written_entries
from features.faq.answer_buttons import buttons_of
from features.faq.entry import FaqEntry
from features.faq.interjections import without_interjections
from features.faq.operator_table import FaqReader, FaqTable, UnansweredTable
from features.faq.question_groups import group
from features.faq.reader import load_faq
from features.faq.schema import FAQ, UNANSWERED
from features.faq.search import Denies, FaqIndex, SearchResult
from flow_engine import StartFlow, TalkToHuman
from services.agent import AssistantRequest, Tool
from services.conversations.asides import Aside
from services.conversations.decisions import NOTHING, Decisions, sending, writing
from services.conversations.effect_executor import EffectExecutor
from services.conversations.misses import note_question
from services.conversations.opt_out import QUESTIONS, OptOut
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from services.open_questions import OpenQuestions, QuestionGroup, WrittenAnswer
from services.operator_tables import OperatorTable
from storage.engine.group_commit import Transaction
from texts.markdown import to_whatsapp
from texts.prompt import Choice
from texts.required import RequiredTexts, said_with_first_name

#: Folder of the entries that come with the bot.
ENTRIES = Path(__file__).parent / "texts/entries"
#: Longest question that operators are shown, in characters.
MAX_QUESTION_CHARS = 300
#: First part of the ids of suggested questions.
TAP = "faq"


class SearchFaq(BaseModel):
    """Arguments of the tool that searches the FAQ."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="the question, in the person's language", max_length=300)


class Faq(Feature, OpenQuestions):
    """Common questions are answered without a model, and ground the one that there is."""

    name = "faq"
    summary = "common questions are answered from files and from a table of operators"
    page = "docs/assistant.md"
    schemas = (FAQ, UNANSWERED)
    required_texts = RequiredTexts(
        keys={**said_with_first_name("faq.ask", "faq.human"), "faq.kept": ("questions",)}
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._replies = Replies(parts.context)
        from_files = _index_of_files(parts.context.texts.vocabulary.denies)
        self._from_operators = FaqReader(parts.database, from_files)

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("faq_tap", self._tap, before=("continue_answer", "menu_tap")),
            Stage("faq_answer", self._free_text, before=("fallback",)),
        )

    def operator_tables(self) -> Iterable[OperatorTable]:
        return (FaqTable(self.parts.database), UnansweredTable(self.parts.database))

    async def index(self) -> FaqIndex:
        """Return what is known at this moment."""
        return await self._from_operators()

    async def open_questions(self) -> Sequence[QuestionGroup]:
        found = await self.parts.database.reader.run(lambda c, _: unanswered.open_questions(c))
        return await asyncio.to_thread(group, found)

    async def settle_questions(self, ids: Collection[str], answer: WrittenAnswer | None) -> None:
        def settle(connection: Connection, now: float) -> None:
            at = datetime.fromtimestamp(now, UTC)
            unanswered.settle(connection, ids, at)
            if answer is not None:
                written_entries.put(connection, answer, at)

        await self.parts.database.submit(Transaction(settle))

    async def written_answers(self) -> Sequence[WrittenAnswer]:
        found = await self.parts.database.reader.run(lambda c, _: written_entries.all_entries(c))
        return [one.shown() for one in found]

    async def remove_answer(self, question: str) -> None:
        gone = Transaction(lambda c, _: written_entries.remove(c, question))
        await self.parts.database.submit(gone)

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        query = Transaction(lambda connection, _: unanswered.of(connection, turn.user.key))
        questions = await self.parts.database.submit(query)
        if not questions:
            return ()
        shown = {"questions": "; ".join(questions)}
        return (self.parts.context.texts.say(turn.language, "faq.kept", shown),)

    async def answer(self, turn: ConversationTurn) -> Decisions | None:
        found = await self._find(turn)
        if found.answer is not None:
            return self._give(turn, found.answer)
        if not found.suggestions:
            return None
        turn = replace(turn, language=self._language_of(found.suggestions, turn))
        renderer = self._replies.renderer(turn)
        choices = [_choice(entry) for entry in found.suggestions]
        if self.parts.context.can_hand_off:
            choices.append(Choice("human", renderer.line("faq.human")))
        return sending(renderer.suggestions(TAP, choices)) + note_question(turn)

    async def _find(self, turn: ConversationTurn) -> SearchResult:
        whole, found = turn.text, await self._find_text(turn.text, turn.language)
        asked = without_interjections(self.parts.context.texts.vocabulary, whole)
        if found.answer is not None or not asked:
            return found
        behind = await self._find_text(asked, turn.language)
        return behind if behind.answer is not None else found

    async def _find_text(self, text: str, language: str) -> SearchResult:
        vocabulary = self.parts.context.texts.vocabulary
        written = self.parts.context.texts.written_language.of(text)
        return (await self.index()).find(
            text,
            written or language,
            vocabulary.readings(text),
            is_sure=not vocabulary.is_denial(text),
            suggests_others=written is None,
            is_question=vocabulary.asks(text) and not vocabulary.has_phrase("why_asked", text),
        )

    def _language_of(self, found: Sequence[FaqEntry], turn: ConversationTurn) -> str:
        """Return the language that the person wrote in: that of what was found."""
        language = found[0].language
        is_spoken = language is not None and language in self.parts.context.texts.languages
        return language if language is not None and is_spoken else turn.language

    async def aside(self, turn: ConversationTurn) -> Aside | None:
        entry = (await self._find(turn)).answer
        if entry is None:
            return None
        return Aside(to_whatsapp(entry.answer), self._counted(turn, entry))

    async def tools(self, request: AssistantRequest) -> Sequence[Tool]:
        index = await self.index()
        if not index.is_known:
            return ()

        async def search(asked: SearchFaq) -> str:
            return faq_context(index, asked.question, request.language) or "Nothing is known."

        return (
            Tool(
                "search_knowledge",
                "Search what the team has answered: opening hours, prices, place, rules.",
                SearchFaq,
                search,
            ),
        )

    async def grounding(self, request: AssistantRequest) -> str:
        answers = faq_context(await self.index(), request.text, request.language)
        return f"What the team has answered to such questions:\n{answers}" if answers else ""

    async def _free_text(self, turn: ConversationTurn) -> StageResult:
        """A question whose answer, or something near it, is known."""
        answer = await self.answer(turn)
        if answer is not None:
            return Decisions(state={"menu": None}) + answer
        extensions = self.parts.context.extensions
        if not extensions.shows_tables and not extensions.operators_reachable:
            return None  # nobody sees it
        return PassOn(_note_unanswered(turn))

    async def _tap(self, turn: ConversationTurn) -> StageResult:
        """A tap on a suggested question."""
        name, _, entry_id = (turn.message.choice or "").partition(".")
        if name != TAP:
            return None
        if entry_id == "human":
            return await EffectExecutor(self.parts.context).execute(turn, [TalkToHuman()])
        entry = (await self.index()).get(entry_id)
        if entry is None:
            return self._replies.old_menu(turn)
        return await self._act(turn, entry.action) or self._give(turn, entry)

    async def _act(self, turn: ConversationTurn, action: str) -> Decisions | None:
        """Do what a tapped entry names; None where it names nothing that is there."""
        if (question := QUESTIONS.get(action)) is not None:
            return OptOut(self.parts.context).ask(turn, question)
        if self.parts.context.flows.find_flow(action) is None:
            return None
        return await EffectExecutor(self.parts.context).execute(turn, [StartFlow(action)])

    def _give(self, turn: ConversationTurn, entry: FaqEntry) -> Decisions:
        answer = to_whatsapp(entry.answer)
        buttons = buttons_of(self.parts.context, turn, entry.answer)
        said = self._replies.offer_text(turn, answer, buttons)
        return said + self._counted(turn, entry)

    def _counted(self, turn: ConversationTurn, entry: FaqEntry) -> Decisions:
        if entry.record_id is None:
            return NOTHING
        return writing(hits.count(entry.record_id, turn.now))


def _choice(entry: FaqEntry) -> Choice:
    """Return a row of a list: a short title, and the question below it where it says more."""
    return Choice(entry.id, entry.title, entry.question if entry.title != entry.question else None)


def faq_context(index: FaqIndex, text: str, language: str) -> str:
    """Return what the team has answered to such a question, with its sources; empty if nothing."""
    found = index.find(text, language)
    entries = [found.answer] if found.answer is not None else [*found.suggestions]
    return "\n\n".join(f"[{entry.id}] {entry.question}\n{entry.answer}" for entry in entries)


@lru_cache(maxsize=1)
def _index_of_files(denies: Denies) -> FaqIndex:
    """Return the entries of the files, ready to be asked: the same for all bots of a process."""
    return FaqIndex(load_faq(ENTRIES), denies)


def _note_unanswered(turn: ConversationTurn) -> Decisions:
    """Show operators a question that they have no answer to."""
    question = " ".join(turn.text.split())[:MAX_QUESTION_CHARS]
    mark = hashlib.sha256(f"{turn.user.key}\n{question.lower()}".encode()).hexdigest()[:16]
    return writing(
        unanswered.add(
            mark,
            user_key=turn.user.key,
            question=question,
            language=turn.language,
            at=turn.now,
        )
    )


FEATURE = Faq
