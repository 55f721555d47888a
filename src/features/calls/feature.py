"""Voice calls: people call the number, and hear the menu; missed calls get a message."""

from services.feature import Feature


class Calls(Feature):
    """Answers voice calls on WhatsApp, or says in the chat that nobody can."""

    name = "calls"
    summary = "voice calls: a spoken menu, and a message for calls that are not answered"
    page = "docs/calls.md"


FEATURE = Calls
