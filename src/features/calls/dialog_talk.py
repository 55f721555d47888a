"""A call in which an assistant talks: keys work as in the menu, and tools in the chat."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from loguru import logger

from features.calls.call_events import CallEvents
from features.calls.dialog import CallDialog, DialogAnswer
from features.calls.engine_port import CallEvent, Engine, EngineGone
from features.calls.protocol import Line, Say
from features.calls.speech import Speech
from features.calls.tables import CallRow
from features.calls.talker_frames import (
    Dismiss,
    Heard,
    Instruct,
    Spoken,
    TalkerGone,
    TalkerKind,
    ToolAsked,
    ToolResult,
    Usage,
)

#: Longest wait for a tool, and for an answer, in seconds.
TOOL_SECONDS, ANSWER_SECONDS = 4.0, 20.0
#: Longest silence while an answer is made, in seconds: then the caller is asked for patience.
MOMENT_SECONDS = 4.0
#: What a model is told of a tool that failed, or took too long.
TOOL_FAILED = "That did not work just now. Say so, and offer to answer in the chat."
#: What a model is told when the caller says nothing.
ARE_YOU_THERE = "The caller says nothing. Ask in one short sentence whether they are still there."


class ModelGone(Exception):
    """No model talks any more: the menu goes on."""


@dataclass(slots=True)
class DialogTalk:
    """Lets models talk, one after the other, until none is left."""

    row: CallRow
    speech: Speech
    dialog: CallDialog
    engine: Engine
    events: CallEvents
    #: Whether anything was heard or said.
    has_talked: bool = False
    _talker: TalkerKind = TalkerKind.REALTIME
    _left: list[TalkerKind] = field(default_factory=list)
    _answering: "asyncio.Task[None] | None" = None

    async def begin(self) -> None:
        """Let the first model talk."""
        self._left = list(self.dialog.talkers)
        await self._change_talker()

    async def react(self, event: CallEvent) -> bool:
        """React to an event; return False if the keys and the silence of callers have to.

        Raises ModelGone once no model is left.
        """
        match event:
            case Heard(text=text):
                self.has_talked = True
                await self.dialog.heard(text)
                if self._talker is TalkerKind.PIPELINE:
                    self._answer(text)
            case Spoken(text=text, is_cut=is_cut):
                self.has_talked = True
                await self.dialog.spoken(text, is_cut=is_cut)
            case ToolAsked():
                await self._use_tool(event)
            case Usage(tokens=tokens):
                if not await self.dialog.used(tokens):
                    logger.info("the budget of a call is spent; the menu goes on")
                    await self.close()
                    raise ModelGone
            case TalkerGone(why=why):
                logger.warning("a model no longer talks in a call: {}", why)
                await self._change_talker()
            case _:
                return False
        return True

    async def note(self, event: CallEvent) -> None:
        """Note what was heard and said last, while an operator talks."""
        match event:
            case Heard(text=text):
                await self.dialog.heard(text)
            case Spoken(text=text, is_cut=is_cut):
                await self.dialog.spoken(text, is_cut=is_cut)

    async def resume(self) -> None:
        """Have the model talk again, which an operator had interrupted."""
        await self.engine.send(self.dialog.brief(self._talker))

    async def ask_whether_there(self) -> None:
        """Ask the caller, who says nothing."""
        if self._talker is TalkerKind.REALTIME:
            await self.engine.send(Instruct(call=self.row.id, text=ARE_YOU_THERE))
        else:
            await self._say(self.speech.line("anybody_there"))

    async def close(self) -> None:
        """End the talk of the model; the call goes on."""
        self.cancel()
        await self.engine.send(Dismiss(call=self.row.id))

    def cancel(self) -> None:
        """Give up an answer that is being made."""
        if self._answering is not None:
            self._answering.cancel()
            self._answering = None

    async def _change_talker(self) -> None:
        self.cancel()
        if not self._left:
            raise ModelGone
        self._talker = self._left.pop(0)
        await self.engine.send(self.dialog.brief(self._talker))
        if self.has_talked:
            await self._say(self.speech.line("say_again"))

    async def _use_tool(self, asked: ToolAsked) -> None:
        try:
            async with asyncio.timeout(TOOL_SECONDS):
                found = await self.dialog.use_tool(asked)
        except Exception as error:  # noqa: BLE001 - a tool of a fork; the call goes on
            logger.error("the tool {} failed in a call: {}", asked.name, type(error).__name__)
            found = DialogAnswer((TOOL_FAILED,))
        if found.ends_call:
            await self._say(self.speech.line("goodbye"), then_end=True, yields=True)
            return
        output = "\n".join(found.lines)
        await self.engine.send(ToolResult(call=self.row.id, id=asked.id, output=output))

    def _answer(self, text: str) -> None:
        """Answer in the background: the caller may go on, and then both are answered."""
        self.cancel()
        self._answering = asyncio.create_task(self._say_answer(text))

    async def _say_answer(self, text: str) -> None:
        asking = asyncio.create_task(self._ask_for_patience())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self.dialog.answer(text)
        except Exception as error:  # noqa: BLE001 - the next talker goes on, or the menu
            logger.warning("no answer in a call: {}", type(error).__name__)
            self.events.queue.put_nowait(TalkerGone(call=self.row.id, why="no answer"))
            return
        finally:
            asking.cancel()
        language = self.speech.language
        lines = [Line(text=one, language=language) for one in answer.lines]
        if answer.ends_call and not lines:
            lines = [self.speech.line("goodbye")]
        try:
            await self._say(*lines, then_end=answer.ends_call)
        except EngineGone:
            return  # its end is on the way

    async def _ask_for_patience(self) -> None:
        """Say now and then that an answer is coming."""
        while True:
            await asyncio.sleep(MOMENT_SECONDS)
            with suppress(EngineGone):
                await self._say(self.speech.line("moment"))

    async def _say(self, *lines: Line, then_end: bool = False, yields: bool = False) -> None:
        self.events.is_leaving = self.events.is_leaving or then_end
        said = Say(call=self.row.id, lines=lines, then_end=then_end, yields=yields)
        await self.engine.send(said)
