"""What is told about a call afterwards: to operators, and to the assistant."""

from collections.abc import Callable, Iterable
from datetime import tzinfo

from features.calls.book import HUMAN
from features.calls.end_words import EARLY, reason_of
from features.calls.job_specs import EndedJob
from features.calls.speech import spoken
from features.calls.states import End
from features.calls.tables import CallRow
from flow_engine import Question
from services.conversations.context import ConversationContext
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn

#: Type of the event that other systems hear.
CALL_ENDED = "call.ended"
#: Renders a text of a key, with what it needs.
Line = Callable[..., str]


def note_of(context: ConversationContext, turn: ConversationTurn, ended: EndedJob) -> str:
    """Return the line that operators read in the conversation."""
    line = Replies(context).renderer(turn).line
    if ended.is_outgoing:
        return _note_of_ours(line, ended)
    if not ended.seconds and not ended.chosen:
        return line("calls.note_unanswered", {"reason": _reason(line, ended)})
    if not ended.chosen:
        return _talked(line, line("calls.note_talked", {"seconds": ended.seconds}), ended)
    titles = ", ".join(_title(context, turn, one) for one in ended.chosen)
    chose = line("calls.note_chose", {"seconds": ended.seconds, "chosen": titles})
    return _talked(line, chose, ended)


def _note_of_ours(line: Line, ended: EndedJob) -> str:
    if ended.seconds:
        return _talked(line, line("calls.note_we_talked", {"seconds": ended.seconds}), ended)
    if ended.end is End.NO_ANSWER:
        return line("calls.note_no_answer")
    if ended.end is End.DECLINED:
        return line("calls.note_declined")
    return line("calls.note_not_reached", {"reason": _reason(line, ended)})


def _talked(line: Line, note: str, ended: EndedJob) -> str:
    """Return the note of a call in which somebody talked, and why it ended before its time."""
    if ended.end not in EARLY:
        return note
    return line("calls.note_ended_early", {"note": note, "reason": _reason(line, ended)})


def _reason(line: Line, ended: EndedJob) -> str:
    return reason_of(line, ended.end, ended.error)


def told_to_assistant(calls: Iterable[CallRow], zone: tzinfo) -> str:
    """Return what a model should know of the last calls; empty if there were none."""
    lines = [_told(call, zone) for call in calls]
    return "\n".join(["Voice calls of this person, the newest first:", *lines]) if lines else ""


def _told(call: CallRow, zone: tzinfo) -> str:
    at = call.offered_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if call.is_outgoing:
        talked = f"for {call.seconds} seconds" if call.accepted_at else "and nobody answered"
        return f"- {at}: the business called, {talked}"
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
