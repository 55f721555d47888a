"""What calls lead to in the chat: what tools do during them, and what is remembered afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from loguru import logger
from pydantic import ValidationError
from sqlalchemy import Connection

from features.assistant.chat_state import ToolCallRecord, change_chat
from features.assistant.feature import Assistant
from features.assistant.job_specs import QUESTIONS
from features.call_assistant import tables
from features.call_assistant.job_specs import (
    ACT,
    REMEMBER,
    SUMMARIZE,
    ActJob,
    EndedTalkJob,
)
from features.call_assistant.settings import CallAssistantSettings
from features.call_assistant.tables import CallRecord
from features.call_assistant.tools import SEND_IN_CHAT, ChatText
from features.calls.chat import is_served, opened_window
from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob, person_lane
from services.agent import CHARACTERS_PER_TOKEN, AgentRequest, AgentUnavailable, ChatTurn
from services.conversations.decisions import NOTHING, Decisions, enqueueing, sending
from services.conversations.message_renderer import free_text
from services.conversations.turn import ConversationTurn
from services.feature import Parts
from storage.engine.group_commit import Transaction
from storage.engine.write import Write
from storage.tables.users import Users
from texts.markdown import to_whatsapp
from texts.splitting import split_text

#: Longest summary for operators, in tokens and characters.
SUMMARY_TOKENS, MAX_SUMMARY_CHARS = 400, 1000
#: Longest transcript that operators see, in characters: a cell of Airtable has room for 100,000.
MAX_TRANSCRIPT_CHARS = 50_000


@dataclass(frozen=True, slots=True)
class CallChatMemory:
    """Carries out tools of calls, and takes calls into the memory of the chat."""

    parts: Parts
    assistant: Assistant
    settings: CallAssistantSettings

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs with their handlers."""
        return (
            ACT.handled_by(self.act),
            SUMMARIZE.handled_by(self.summarize),
            REMEMBER.handled_by(self.remember),
        )

    async def act(self, job: Job, body: ActJob, state: LaneState) -> Outcome:
        """Do in the chat what the model chose during a call."""

        async def decide(turn: ConversationTurn) -> Decisions:
            if not is_served(self.parts, turn):
                return NOTHING
            opened = opened_window(turn, body.at)
            turn = turn.after(opened)
            if body.tool == SEND_IN_CHAT:
                return opened + _sent(body.arguments)
            call = ToolCallRecord(name=body.tool, arguments=body.arguments)
            chat = self.assistant.chat
            return opened + await chat.run_tool_call(turn, call, asked=body.asked)

        return await self.parts.conversations.runner.run("call", job, state, decide)

    async def remember(self, job: Job, body: EndedTalkJob, state: LaneState) -> Outcome:
        """Take what was said into the history of the chat, before the next message."""
        record, turns = await self._talk(body.call)
        if record is None or record.outcome is not None:
            return Outcome()  # no assistant talked, or it was done before

        async def decide(turn: ConversationTurn) -> Decisions:
            chat = self.assistant.chat.fresh(turn)
            most = self.assistant.settings.openai_history_tokens * CHARACTERS_PER_TOKEN
            history = _last((*chat.history, *(said for said, _ in turns)), most)
            changed = change_chat(
                turn, history=history, summary=chat.summary, answered_at=turn.timestamp
            )
            lane = QUESTIONS.lane(turn.phone_number_id, turn.user.key)
            key = f"voice_summarize:{body.call}"
            return changed + enqueueing([SUMMARIZE.new(lane, body, key=key)])

        return await self.parts.conversations.runner.run("call", job, state, decide)

    async def summarize(self, job: Job, body: EndedTalkJob, state: LaneState) -> Outcome:
        """Summarize a call for operators, and complete its record."""
        record, turns = await self._talk(body.call)
        if record is None or record.outcome is not None:
            return Outcome()
        summary, tokens = await self._summary(turns)
        transcript = _transcript(turns) if self.settings.call_transcripts == "full" else ""
        ended = {"seconds": body.seconds, "outcome": body.end}
        words = {"summary": summary, "transcript": transcript}

        def end(connection: Connection, _: float) -> None:
            tables.add_tokens(connection, body.call, tokens)
            tables.end(connection, body.call, {**ended, **words})

        await self.parts.database.submit(Transaction(end))
        user_key = person_lane(job).user_key
        spent = self.assistant.budget.spent(user_key, tokens, self.parts.clock())
        return Outcome(writes=(*spent, *await self._noted(body.call, user_key, summary)))

    async def _noted(self, call: str, user_key: str, summary: str) -> Sequence[Write]:
        """Return what operators read of a call."""
        user = await Users(self.parts.database).find(user_key)
        if not summary or user is None:
            return ()
        language, given = self.parts.default_language, {"first_name": "", "summary": summary}
        text = self.parts.context.texts.say(language, "call_assistant.note", given)
        note, at = f"call_summary:{call}", self.parts.clock()
        observers = self.parts.context.extensions.observers
        return [write for one in observers for write in one.noted(note, user, text, at)]

    async def _talk(self, call: str) -> tuple[CallRecord | None, Sequence[tuple[ChatTurn, bool]]]:
        """Return the record of a call, and what was said."""
        return await self.parts.database.reader.run(
            lambda c, _: (tables.find(c, call), tables.turns_of(c, call))
        )

    async def _summary(self, turns: Sequence[tuple[ChatTurn, bool]]) -> tuple[str, int]:
        """Return a summary for operators, and the tokens it cost; empty without an agent."""
        agent = self.assistant.agent
        if agent is None or not turns:
            return "", 0
        prompt = self.parts.context.texts.prompt(self.parts.default_language, "call_summary")
        asked = AgentRequest(prompt, (), _transcript(turns), max_tokens=SUMMARY_TOKENS)
        try:
            reply = await agent.reply(asked)
        except AgentUnavailable as error:
            logger.warning("a call is not summarized: {}", error)
            return "", error.tokens
        return reply.text[:MAX_SUMMARY_CHARS], reply.tokens


def _sent(arguments: dict[str, object]) -> Decisions:
    try:
        text = ChatText.model_validate(arguments).text
    except ValidationError:
        logger.warning("the arguments of the tool {} do not fit", SEND_IN_CHAT)
        return NOTHING
    return sending(one for part in split_text(to_whatsapp(text)) for one in free_text(part))


def _transcript(turns: Sequence[tuple[ChatTurn, bool]]) -> str:
    """Return what was said, a line for each turn; an ellipsis where the caller interrupted."""
    lines = [f"{turn.role}: {turn.text}{'…' if is_cut else ''}" for turn, is_cut in turns]
    return "\n".join(lines)[:MAX_TRANSCRIPT_CHARS]


def _last(turns: Sequence[ChatTurn], most: int) -> tuple[ChatTurn, ...]:
    """Return the last turns within so many characters."""
    kept, size = list[ChatTurn](), 0
    for turn in reversed(turns):
        size += len(turn.text)
        if size > most:
            break
        kept.insert(0, turn)
    return tuple(kept)
