"""What a message starts: a flow or a menu, by its triggers, or by what a sentence asks for."""

from dataclasses import dataclass
from typing import Any

from flow_engine import Flow, Menu
from services.conversations.context import ConversationContext


@dataclass(frozen=True, slots=True)
class Triggers:
    """Finds the flow or the menu that a text is about."""

    context: ConversationContext

    def triggered_by(self, text: str) -> Flow[Any] | Menu | None:
        """Return what a message starts, with or without courtesy around it."""
        readings = self.context.texts.vocabulary.readings(text)
        for reading in readings:
            if found := self.context.flows.triggered_by(reading):
                return found
        return None

    def requested_by(self, text: str) -> Flow[Any] | Menu | None:
        """Return what a message asks for if it says nothing else, courtesy aside.

        "Erase my data" is such a request; "I erase my data every year" is not.
        """
        if (found := self.triggered_by(text)) is not None:
            return found
        readings = self.context.texts.vocabulary.readings(text)
        phrases = self.context.flows.phrases
        asked = (one for known, one in phrases if any(reading in known for reading in readings))
        return next(asked, None)

    def asked_for(self, text: str) -> Flow[Any] | Menu | None:
        """Return what a sentence asks for, or a trigger with one letter wrong."""
        vocabulary, flows = self.context.texts.vocabulary, self.context.flows
        head, _, told = text.partition(":")  # "sign up: Ana Ruiz"
        if told.strip() and (found := self.triggered_by(head)) is not None:
            return found
        if (trigger := vocabulary.without_typo(text, flows.typos)) is not None:
            return flows.triggered_by(trigger)
        asked = (one for phrases, one in flows.phrases if vocabulary.asks_for(phrases, text))
        return next(asked, None)
