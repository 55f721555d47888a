"""What is told about a call afterwards: to operators, and to the assistant."""

from collections.abc import Iterable
from datetime import tzinfo

from features.calls.book import HUMAN
from features.calls.job_specs import EndedJob
from features.calls.speech import spoken
from features.calls.tables import CallRow
from flow_engine import Question
from services.conversations.context import ConversationContext
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn

#: Type of the event that other systems hear.
CALL_ENDED = "call.ended"


def note_of(context: ConversationContext, turn: ConversationTurn, ended: EndedJob) -> str:
    """Return the line that operators read in the conversation."""
    line = Replies(context).renderer(turn).line
    if not ended.seconds and not ended.chosen:
        return line("calls.note_unanswered")
    if not ended.chosen:
        return line("calls.note_talked", {"seconds": ended.seconds})
    titles = ", ".join(_title(context, turn, one) for one in ended.chosen)
    return line("calls.note_chose", {"seconds": ended.seconds, "chosen": titles})


def told_to_assistant(calls: Iterable[CallRow], zone: tzinfo) -> str:
    """Return what a model should know of the last calls; empty if there were none."""
    lines = [_told(call, zone) for call in calls]
    return "\n".join(["Voice calls of this person, the newest first:", *lines]) if lines else ""


def _told(call: CallRow, zone: tzinfo) -> str:
    at = call.offered_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if call.accepted_at is None:
        return f"- {at}: called, and was not answered"
    chosen = f"; chose by key: {', '.join(call.chosen.split())}" if call.chosen else ""
    return f"- {at}: was answered, for {call.seconds} seconds{chosen}"


def _title(context: ConversationContext, turn: ConversationTurn, choice: str) -> str:
    """Return the title of a choice as the person knows it; its id if the menu is another by now."""
    name, _, option = choice.partition(".")
    menu = context.flows.find_menu(name)
    if choice == HUMAN or menu is None or option not in menu.choices:
        return choice
    shown = Replies(context).renderer(turn).prompt(Question(name, (option,))).options
    return spoken(shown[0].title) if shown else choice
