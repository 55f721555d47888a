"""The assistant in one call: what it knows, what it may use, and what was said so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from features.call_assistant.job_specs import ACT, ActJob
from features.call_assistant.sentences import sentences
from features.call_assistant.talks import TalkBook
from features.call_assistant.tools import DONE, END_CALL, GOODBYE, definitions
from features.calls.dialog import DialogAnswer, DialogFailed
from features.calls.tables import CallRow
from features.calls.talker_frames import Converse, PastTurn, TalkerKind, ToolAsked
from jobs.job_queue import JobQueue
from services.agent import (
    Agent,
    AgentReply,
    AgentRequest,
    AgentUnavailable,
    AssistantRequest,
    ChatTurn,
    ModerationRefused,
    Requester,
    Tool,
)
from services.conversations.job_specs import CONVERSATIONS
from services.tool_calls import UnusableToolCall, read_call, run_tool

#: Tokens that a character costs that a model writes down or speaks: ten are said in a second.
TOKENS_PER_CHAR = 0.75


@dataclass(slots=True, kw_only=True)
class AssistantDialog:
    """Talks in one call; the telephone asks it by `features.calls.dialog.CallDialog`."""

    row: CallRow
    talkers: Sequence[TalkerKind]
    request: AssistantRequest
    prompt: str
    #: What was said in the chat before, the oldest first.
    past: Sequence[ChatTurn]
    tools: Mapping[str, Tool]
    #: What is said where the moderation refuses an answer.
    refusal: str
    agent: Agent
    book: TalkBook
    queue: JobQueue
    #: Tokens that the call may use; 0: no limit.
    max_tokens: int
    #: What was said in the call.
    said: list[ChatTurn] = field(default_factory=list)
    _tokens: int = 0
    _acts: int = 0

    def brief(self, talker: TalkerKind) -> Converse:
        """Return what a model needs to talk."""
        turns = (*self.past, *self.said)
        history = [PastTurn(role=one.role, text=one.text) for one in turns if one.text]
        return Converse(
            call=self.row.id,
            talker=talker,
            language=self.request.language,
            instructions=self.prompt,
            history=tuple(history),
            tools=definitions(self.tools),
        )

    async def heard(self, text: str) -> None:
        """Note what the caller said."""
        await self._note(ChatTurn("user", text))

    async def spoken(self, text: str, *, is_cut: bool) -> None:
        """Note what the caller heard."""
        await self._note(ChatTurn("assistant", text), is_cut=is_cut)

    async def used(self, tokens: int) -> bool:
        """Count tokens. Return whether the call, the person and the day have more."""
        self._tokens += tokens
        has_budget = await self.book.count(self.row.id, self.request.user.key, tokens)
        return has_budget and not 0 < self.max_tokens <= self._tokens

    async def use_tool(self, asked: ToolAsked) -> DialogAnswer:
        """Run a tool, or have it done in the chat."""
        try:
            tool, arguments = read_call(self.tools.values(), asked.name, asked.arguments)
        except UnusableToolCall as error:
            return DialogAnswer((str(error),))
        if tool.name == END_CALL:
            return DialogAnswer((GOODBYE,), ends_call=True)
        result = await run_tool(tool, arguments)
        if result is not None:
            return DialogAnswer((result,))
        await self._act(tool.name, arguments.model_dump(mode="json"), asked.id)
        return DialogAnswer((DONE,))

    async def answer(self, text: str) -> DialogAnswer:
        """Answer by the assistant's own model, as in the chat. Raise DialogFailed."""
        reply = await self._ask(text)
        may_go_on = await self.used(reply.tokens + int(len(text) * TOKENS_PER_CHAR))
        if not may_go_on:
            raise DialogFailed("the budget is spent")
        ends_call = False
        for call in reply.tool_calls:
            if call.name == END_CALL:
                ends_call = True
            else:
                self._acts += 1
                await self._act(call.name, dict(call.arguments), str(self._acts))
        lines = sentences("\n\n".join((reply.text, *reply.further)))
        if not lines and not reply.tool_calls:
            raise DialogFailed("an empty answer")
        return DialogAnswer(lines, ends_call)

    async def _ask(self, text: str) -> AgentReply:
        before = self.said[:-1] if self.said and self.said[-1].text == text else self.said
        asked = AgentRequest(
            self.prompt,
            (*self.past, *before),
            text,
            tools=[_with_effects(one) for one in self.tools.values()],
            requester=Requester.of(self.request),
        )
        try:
            return await self.agent.reply(asked)
        except ModerationRefused as error:
            return AgentReply(self.refusal, tokens=error.tokens)
        except AgentUnavailable as error:
            if error.tokens:
                await self.used(error.tokens)
            raise DialogFailed(str(error)) from error

    async def _note(self, turn: ChatTurn, *, is_cut: bool = False) -> None:
        self.said.append(turn)
        user_key, number = self.request.user.key, len(self.said)
        await self.book.add(self.row.id, user_key, number, turn, is_cut=is_cut)

    async def _act(self, tool: str, arguments: dict[str, Any], act: str) -> None:
        """Have a tool act in the chat; `act` tells one use from the next."""
        heard = [one.text for one in self.said if one.role == "user"]
        body = ActJob(
            call=self.row.id,
            tool=tool,
            arguments=arguments,
            asked=heard[-1] if heard else "",
            at=self.row.offered_at.timestamp(),
        )
        lane = CONVERSATIONS.lane(self.row.phone_number_id, self.row.user_key)
        await self.queue.enqueue([ACT.new(lane, body, key=f"voice_act:{self.row.id}:{act}")])


def _with_effects(tool: Tool) -> Tool:
    """Return a tool whose use the reply names: the end of the call is for after the answer."""
    if tool.name != END_CALL:
        return tool
    return Tool(tool.name, tool.description, tool.parameters, effects=lambda _: [])
