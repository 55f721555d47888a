"""Who may start a flow, and what happens before it."""

from flow_engine import Started, Turn, prefaced
from flow_engine.advance import advance
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.exits import EDIT_PROFILE, MENU, TAP, Exits
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn

#: Name of the flow that registers people.
REGISTRATION = "registration"


def begin_flow(context: ConversationContext, turn: ConversationTurn, name: str) -> Decisions | Turn:
    """Return the first step of a flow, or what is said instead; some need a registration first."""
    flow, replies = context.flows.flow(name), Replies(context)
    if not replies.may(turn, flow):
        return replies.say(turn, "common.not_allowed") + replies.show_menu(turn)
    if name == REGISTRATION and turn.user.is_registered:
        return _registered_already(context, turn)
    if flow.needs_profile and not turn.user.is_registered:
        flow = context.flows.flow(REGISTRATION)
        return prefaced("common.register_first", advance(flow, flow.begin(), Started()))
    return advance(flow, flow.begin(), Started())


def _registered_already(context: ConversationContext, turn: ConversationTurn) -> Decisions:
    """Tell people who are registered, and offer to change their data."""
    can_edit = Exits(context).effects_of(EDIT_PROFILE) is not None
    names = (EDIT_PROFILE, MENU) if can_edit else (MENU,)
    buttons = {f"{TAP}.{one}": f"{TAP}.{one}" for one in names}
    return Replies(context).offer(turn, "common.registered_already", buttons)
