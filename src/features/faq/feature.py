"""FAQ: common questions are answered from files, and from what operators write."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from features.faq import hits, unanswered, written_entries
from features.faq.answer_buttons import buttons_of, choice_of
from features.faq.entry import FaqEntry
from features.faq.file_entries import shipped_entries, with_entries_of_file
from features.faq.finding import Finder
from features.faq.knowledge import faq_context, search_tool
from features.faq.operator_table import FaqReader, FaqTable, UnansweredTable
from features.faq.question_groups import group
from features.faq.schema import FAQ, UNANSWERED
from features.faq.search import FaqIndex
from features.faq.settings import FaqSettings
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

#: First part of the ids of suggested questions.
TAP = "faq"
#: The action of an entry whose question is asked anew: a feature may know more than it says.
ASK = "ask"


class Faq(Feature, OpenQuestions):
    """Common questions are answered without a model, and ground the one that there is."""

    name = "faq"
    summary = "common questions are answered from files and from a table of operators"
    page = "docs/assistant.md"
    schemas = (FAQ, UNANSWERED)
    required_texts = RequiredTexts(
        keys={
            **said_with_first_name("faq.ask", "faq.near", "faq.human"),
            "faq.kept": ("questions",),
        },
        words=("reported", "what_is_this"),
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._replies = Replies(parts.context)
        settings: FaqSettings = parts.settings_of(FaqSettings)
        shipped = shipped_entries(parts.context.texts.vocabulary.denies)
        self._from_operators = FaqReader(parts.database, with_entries_of_file(shipped, settings))
        self._finder = Finder(parts.context.texts, self.index)
        #: Ids of entries that come with the bot, and say nothing of the business behind it.
        self._shipped = {one.id for one in shipped.entries} - {one.id for one in settings.entries}

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("faq_before_checks", self._before_checks, before=("run_checks", "faq_answer")),
            Stage("faq_of_team", self._of_team, before=("side_question", "faq_answer")),
            Stage("faq_tap_in_form", self._tap_in_form, before=("open_form",)),
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
        found = await self._finder.find(turn)
        if entries := await self._finder.answers(turn, found):
            return self._give(turn, *entries)
        if not found.suggestions:
            return None
        turn = replace(turn, language=self._language_of(found.suggestions, turn))
        renderer = self._replies.renderer(turn)
        choices = [choice_of(entry) for entry in found.suggestions]
        if self.parts.context.can_hand_off:
            choices.append(Choice("human", renderer.line("faq.human")))
        ask = renderer.line("faq.near") if found.is_of_other else None
        return sending(renderer.suggestions(TAP, choices, ask)) + note_question(turn)

    def _language_of(self, found: Sequence[FaqEntry], turn: ConversationTurn) -> str:
        """Return the language that the person wrote in: that of what was found."""
        language = found[0].language
        is_spoken = language is not None and language in self.parts.context.texts.languages
        return language if language is not None and is_spoken else turn.language

    async def aside(self, turn: ConversationTurn) -> Aside | None:
        entries = await self._finder.answers(turn, await self._finder.find(turn))
        if not entries:
            return None
        return Aside(_joined(entries), self._counted(turn, *entries))

    async def tools(self, request: AssistantRequest) -> Sequence[Tool]:
        index = await self.index()
        return (search_tool(index, request.language),) if index.is_known else ()

    async def grounding(self, request: AssistantRequest) -> str:
        answers = faq_context(await self.index(), request.text, request.language)
        return f"What the team has answered to such questions:\n{answers}" if answers else ""

    async def _before_checks(self, turn: ConversationTurn) -> StageResult:
        """A question in the words of an entry of the team, where checks answer all others."""
        is_asked = any(one.answers_by_checks for one in self.parts.features)
        return await self._of_team(turn) if is_asked else None

    async def _of_team(self, turn: ConversationTurn) -> StageResult:
        """A question in the words of an entry of the team, which a feature could answer, too."""
        is_free = turn.state.flow is None and turn.message.choice is None and turn.text
        if not is_free:
            return None
        found = await self._finder.find(turn)
        is_own = (
            found.answer is not None and found.is_asked and found.answer.id not in self._shipped
        )
        return self._give(turn, found.answer) if is_own and found.answer is not None else None

    async def _free_text(self, turn: ConversationTurn) -> StageResult:
        """A question whose answer, or something near it, is known."""
        answer = await self.answer(turn)
        if answer is not None:
            return Decisions(state={"menu": None}) + answer
        extensions = self.parts.context.extensions
        if not extensions.shows_tables and not extensions.operators_reachable:
            return None  # nobody sees it
        return PassOn(unanswered.note(turn))

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
        if entry.action == ASK:
            return PassOn(message=replace(turn.message, text=entry.question, choice=None))
        return await self._act(turn, entry.action) or self._give(turn, entry)

    async def _tap_in_form(self, turn: ConversationTurn) -> StageResult:
        """A tap on a suggested question in the middle of a form, which goes on afterwards."""
        name, _, entry_id = (turn.message.choice or "").partition(".")
        entry = (await self.index()).get(entry_id) if name == TAP and turn.state.flow else None
        if entry is None or entry.action not in ("", ASK):
            return None
        asked = self._replies.repeat_question(turn, to_whatsapp(entry.answer))
        return None if asked is None else self._counted(turn, entry) + asked

    async def _act(self, turn: ConversationTurn, action: str) -> Decisions | None:
        """Do what a tapped entry names; None where it names nothing that is there."""
        if (question := QUESTIONS.get(action)) is not None:
            return OptOut(self.parts.context).ask(turn, question)
        if self.parts.context.flows.find_flow(action) is None:
            return None
        return await EffectExecutor(self.parts.context).execute(turn, [StartFlow(action)])

    def _give(self, turn: ConversationTurn, *entries: FaqEntry) -> Decisions:
        answer = _joined(entries)
        buttons = buttons_of(self.parts.context, turn, answer)
        said = self._replies.offer_text(turn, answer, buttons)
        return said + self._counted(turn, *entries)

    def _counted(self, turn: ConversationTurn, *entries: FaqEntry) -> Decisions:
        records = [one.record_id for one in entries if one.record_id is not None]
        return writing(*(hits.count(one, turn.now) for one in records)) if records else NOTHING


def _joined(entries: Iterable[FaqEntry]) -> str:
    return "\n\n".join(to_whatsapp(one.answer) for one in entries)


FEATURE = Faq
