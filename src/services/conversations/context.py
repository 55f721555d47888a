"""What all conversations share: flows, texts, settings, and what features add."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from typing import Any

from flow_engine import Flow, Flows, TalkToHuman
from flow_engine.ask import CallHandler, OptionSource
from flow_engine.recurring import next_occurrence
from schemas.cloud_api_schema import TemplateMessage
from services.conversations.extensions import Extensions
from services.conversations.turn import ConversationTurn
from texts.catalogue import Texts


@dataclass(frozen=True, slots=True)
class ConversationContext:
    """Flows, texts and settings that every turn reads."""

    flows: Flows
    texts: Texts
    remind_after: timedelta
    cancel_after: timedelta
    zone: tzinfo = UTC
    #: Free text waits so long for more of it; 0 answers each message at once.
    burst_pause: timedelta = timedelta(0)
    #: The bot answers again so long after the last act of an operator.
    human_idle: timedelta = timedelta(hours=8)
    #: Age from which a message is not answered as if it were new.
    answer_within: timedelta = timedelta(hours=12)
    #: Sent in place of what may not be said outside the window.
    outside_window_template: TemplateMessage | None = None
    option_sources: dict[str, OptionSource] = field(default_factory=dict)
    #: Own code that flows call by name.
    calls: Mapping[str, CallHandler] = field(default_factory=dict)
    extensions: Extensions = field(default_factory=Extensions)

    @property
    def can_hand_off(self) -> bool:
        """Whether an operator can be requested."""
        return self.extensions.operators_reachable and self.extensions.can_execute(TalkToHuman())

    def dates(self, turn: ConversationTurn) -> Mapping[str, str]:
        """Return when each option takes place next, as texts name it: {workshop:when}."""
        local = turn.now.astimezone(self.zone).replace(second=0, microsecond=0)
        found = {name: next_occurrence(rule, local) for name, rule in self.flows.dates.items()}
        return {
            name: str(one or self.texts.say(turn.language, "common.no_date"))
            for name, one in found.items()
        }

    def open_flow(self, turn: ConversationTurn) -> Flow[Any] | None:
        """Return the flow that the person is in."""
        state = turn.state.flow
        return self.flows.find_flow(state.flow) if state else None
