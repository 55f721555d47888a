"""What the assistant may use of the bot. Add your own to `core_tools`: each is one `Tool`.

All of them are about the person who asks; none takes the name, the number or the id of another.
Features add theirs by `Feature.tools`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

from flow_engine import Effect, Flow, ShowMenu, StartFlow
from services.agent import AssistantRequest, Tool
from services.conversations.context import ConversationContext
from services.feature import Feature


def core_tools(context: ConversationContext, request: AssistantRequest) -> Iterator[Tool]:
    """Yield the tools that make sense for this person."""

    async def events(_: BaseModel) -> str:
        return _events(context, request.language)

    yield Tool(
        "show_menu",
        "Show the person the menu of all that the bot can do.",
        effects=lambda _: [ShowMenu()],
    )
    yield Tool(
        "start_flow",
        "Start one of the bot's forms.",
        _form_to_start(context, request.role),
        effects=_start,
    )
    yield Tool("look_up_events", "What events there are.", run=events)


@dataclass(frozen=True, slots=True)
class ToolBox:
    """The tools of the core and of all features."""

    context: ConversationContext
    features: list[Feature] = field(default_factory=list)

    async def offered(self, request: AssistantRequest) -> tuple[Tool, ...]:
        """Return the tools for one person and question."""
        found = [*core_tools(self.context, request)]
        for feature in self.features:
            found += await feature.tools(request)
        return tuple(found)

    async def find(self, request: AssistantRequest, name: str) -> Tool | None:
        """Return the tool of this name, if it is offered to this person."""
        return next((one for one in await self.offered(request) if one.name == name), None)


def _form_to_start(context: ConversationContext, role: str) -> type[BaseModel]:
    flows = [one for one in context.flows if isinstance(one, Flow)]
    allowed = [flow for flow in flows if not flow.roles or role in flow.roles]
    return _one_of(tuple(sorted(flow.name for flow in allowed if flow.assistant_may_start)))


def _start(form: Any) -> Sequence[Effect]:
    return [StartFlow(form.flow)]


@cache
def _one_of(names: tuple[str, ...]) -> type[BaseModel]:
    allowed: Any = Literal[names]
    return create_model("StartForm", __config__=ConfigDict(extra="forbid"), flow=(allowed, ...))


def _events(context: ConversationContext, language: str) -> str:
    about = context.texts.find(language, "events.about") or {}
    return "\n".join(str(text) for text in about.values()) or "There are none."
