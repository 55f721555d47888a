"""Checks of the config file: each message runs them, and what they say is the answer."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, create_model

from features.assistant.feature import Assistant
from features.checks.agent import START_WORKFLOW, ChecksAgent
from features.checks.notices import TEXTS, WITHOUT_MENU
from features.checks.runs import Runs
from features.checks.settings import ChecksSettings
from flow_engine import StartFlow
from services.agent import AssistantRequest, Tool
from services.conversations.decisions import NOTHING
from services.conversations.stage import Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts, SettingsOf
from texts.required import RequiredTexts, said_with_first_name


class Checks(Feature):
    """Checks answer free text in place of the assistant's own prompt."""

    name = "checks"
    summary = "checks of the config file ask a model, and answer messages"
    page = "docs/checks.md"
    needs: ClassVar[tuple[str, ...]] = ("assistant",)
    required_texts = RequiredTexts(
        keys=said_with_first_name(*TEXTS.values(), *WITHOUT_MENU.values())
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.settings: ChecksSettings = parts.settings_of(ChecksSettings)
        self._assistant = parts.feature(Assistant)
        self.answers_by_checks = self.settings.is_on
        self.replaces_menus = self.settings.answer_everything
        if self.settings.is_on:
            runs = Runs(parts.database, parts.clock)
            model = self._assistant.agent
            self._assistant.answer_with(
                ChecksAgent(self.settings, model, runs, parts.clock, self._tell_operators),
                WITHOUT_MENU if self.settings.answer_everything else {},
            )

    async def _tell_operators(self, text: str) -> None:
        """Tell operators something, once a day at most."""
        day = self.parts.clock().date().isoformat()
        jobs = self.parts.context.extensions.alert(text, f"checks:{day}")
        if jobs:
            await self.parts.queue.enqueue(jobs)

    @classmethod
    def needs_model(cls, settings_of: SettingsOf) -> bool:
        settings: ChecksSettings = settings_of(ChecksSettings)
        return any(check.type == "ai" for check in settings.all.values())

    async def tools(self, request: AssistantRequest) -> Sequence[Tool]:
        """Return what starts the flow of a workflow check: models of checks get no tools."""
        flows = self.settings.started_flows if self.settings.is_on else ()
        return (_workflow_tool(tuple(sorted(flows))),) if flows else ()

    def stages(self) -> Iterable[Stage]:
        return (Stage("run_checks", self._run_checks, before=("ad_or_post", "menu_tap")),)

    async def _run_checks(self, turn: ConversationTurn) -> StageResult:
        """Free text goes to the checks of the config file, where it names no flows."""
        is_asked = self.settings.answer_everything and turn.message.choice is None
        if not is_asked or turn.state.flow is not None:
            return None
        return self._assistant.chat.ask(turn) if self.settings.for_messages else NOTHING


@cache
def _workflow_tool(flows: tuple[str, ...]) -> Tool:
    names: Any = Literal[flows]
    arguments = create_model("Workflow", __config__=ConfigDict(extra="forbid"), flow=(names, ...))
    about = "Start the flow of a workflow check."
    return Tool(START_WORKFLOW, about, arguments, effects=lambda one: [StartFlow(one.flow)])


FEATURE = Checks
