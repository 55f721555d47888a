"""What the assistant may use of the bot. Add your own: each is one `Tool`, and nothing else.

All of them are about the person who asks; none takes the name, the number or the id of another.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from features.faq.search import FaqIndex
from flow_engine import Effect, Flow, ShowMenu, StartFlow, TalkToHuman
from services.conversations.agent import Tool
from services.conversations.context import ConversationContext


class Search(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="the question, in the person's language", max_length=300)


def assistant_tools(
    script: ConversationContext, knowledge: FaqIndex, language: str, role: str, *, asked: str
) -> Iterator[Tool]:
    """Those that make sense here and now, for a person of this role who `asked` something."""

    async def search(asked: Search) -> str:
        return faq_context(knowledge, asked.question, language) or "Nothing is known of this."

    async def events(_: BaseModel) -> str:
        return _events(script, language)

    yield Tool(
        "show_menu",
        "Show the person the menu of all that the bot can do.",
        act=lambda _: [ShowMenu()],
    )
    yield Tool(
        "start_flow", "Start one of the bot's forms.", _form_to_start(script, role), act=_start
    )
    yield Tool("look_up_events", "What events there are.", look_up=events)
    if knowledge.is_known:
        yield Tool(
            "search_knowledge",
            "Search what the team has answered: opening hours, prices, place, rules.",
            Search,
            search,
        )
    if script.human_idle is not None:
        yield Tool(
            "talk_to_human",
            "Let a person of the team answer from now on.",
            act=lambda _: [TalkToHuman(asked)],
        )


def faq_context(knowledge: FaqIndex, text: str, language: str) -> str:
    """What the team has answered to such a question, with its sources; empty if nothing."""
    found = knowledge.find(text, language)
    entries = [found.answer] if found.answer is not None else [*found.suggestions]
    return "\n\n".join(f"[{one.id}] {one.question}\n{one.answer}" for one in entries)


def _form_to_start(script: ConversationContext, role: str) -> type[BaseModel]:
    flows = [one for one in script.flows if isinstance(one, Flow)]
    mine = [one for one in flows if not one.roles or role in one.roles]
    return _one_of(tuple(sorted(one.name for one in mine if one.assistant_may_start)))


def _start(form: Any) -> Sequence[Effect]:
    return [StartFlow(form.flow)]


@cache
def _one_of(names: tuple[str, ...]) -> type[BaseModel]:
    allowed: Any = Literal[names]
    return create_model("StartForm", __config__=ConfigDict(extra="forbid"), flow=(allowed, ...))


def _events(script: ConversationContext, language: str) -> str:
    told = script.texts.find(language, "events.about") or {}
    return "\n".join(str(one) for one in told.values()) or "There are none."
