"""What a turn commits: its messages, its state, and what is kept of both."""

from domain.inbound import Inbound
from jobs.model import Outcome
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions, writing
from services.conversations.domain_events import MESSAGE_RECEIVED, message_received
from services.conversations.first_contact import introduce
from services.conversations.turn import ConversationTurn, is_in_form
from services.sending.outbox import Draft, enqueue_messages


def outcome_of(
    context: ConversationContext,
    turn: ConversationTurn,
    decided: Decisions,
    *,
    read: str | None = None,
    understood: Inbound | None = None,
) -> Outcome:
    """Return what to commit.

    `read` is the message to mark as read along with the first reply, `understood` the message
    as the stage that decided saw it.
    """
    decided = introduce(context, turn, decided)
    after = turn.after(decided, understood)
    drafts = [Draft(one.message.payload(), one.upload) for one in decided.messages]
    if read is not None and not drafts:
        drafts = [Draft(None)]
    jobs, sent = enqueue_messages(
        drafts,
        after.user,
        turn.phone_number_id,
        read=read,
        at=turn.now,
        observers=context.extensions.observers,
        is_quotable=not is_in_form(turn, after),
    )
    decided += _observed(context, turn, after)
    writes = [*decided.writes, *sent]
    return Outcome(after.state.stored(), [*jobs, *decided.jobs], decided.timers, writes)


def _observed(
    context: ConversationContext, before: ConversationTurn, after: ConversationTurn
) -> Decisions:
    """What the observers and the listeners of features keep of a turn."""
    extensions = context.extensions
    kept = writing(
        *(
            write
            for observer in extensions.observers
            for write in observer.turn_ended(before, after)
        )
    )
    if extensions.wants(MESSAGE_RECEIVED):
        kept += extensions.happened(message_received(before, after))
    was, user = before.user.status, after.user
    if was != user.status:
        kept += extensions.status_changed(user, was, before.now, by_bot=True)
    return kept
