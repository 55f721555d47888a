"""Reports of turns, for whoever watches the bot in development."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from domain.inbound import Inbound
from domain.state_change import StateChange, StateObserver
from services.conversations.decisions import Decisions
from services.conversations.turn import ConversationTurn


@dataclass(frozen=True, slots=True)
class TurnReports:
    """Without observers, as in production, nothing is reported."""

    observers: Sequence[StateObserver] = ()

    @contextmanager
    def measure(self) -> Iterator[Callable[[], float]]:
        """Return a function that says how long the block took, in milliseconds."""
        began = time.perf_counter()
        yield lambda: (time.perf_counter() - began) * 1000

    def report(
        self,
        event: str,
        before: ConversationTurn,
        decided: Decisions,
        *,
        took_ms: float,
        stage: str = "",
        understood: Inbound | None = None,
    ) -> None:
        """Tell the observers what a turn changed."""
        if not self.observers:
            return
        message = understood or before.message
        change = StateChange(
            at=before.timestamp,
            event=event,
            message_id=message.message_id or None,
            user_id=before.user.user_id,
            wa_id=before.user.wa_id,
            before=before.state.stored(),
            after=before.after(decided).state.stored(),
            replies=len(decided.messages),
            name=before.user.first_name,
            text=message.text or message.kind,
            stage=stage,
            took_ms=took_ms,
        )
        for observer in self.observers:
            observer(change)
