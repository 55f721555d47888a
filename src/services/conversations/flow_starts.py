"""Who may start a flow, what happens before it, and after it."""

from typing import Any

from flow_engine import Flow, FlowState, Started, Turn, prefaced
from flow_engine.advance import advance
from flow_engine.field_types import given_by
from schemas.referrals import read_referral
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.exits import (
    EDIT_PROFILE,
    MENU,
    REGISTER_AGAIN,
    REGISTRATION,
    TAP,
    Exits,
)
from services.conversations.interruptions import Interruptions
from services.conversations.replies import Replies
from services.conversations.told_already import told_already
from services.conversations.turn import ConversationTurn


def begin(flow: Flow[Any], turn: ConversationTurn) -> FlowState:
    """Return the state of a person who comes into a flow.

    Their profile answers what it can. The ad or the post is that of the message, or else the first
    one that ever led them here.
    """
    names = (step.name for step in flow.steps if step.from_profile)
    answers = {name: turn.user.answer(name) for name in names}
    known = {name: value for name, value in answers.items() if value is not None}
    shown = turn.message.referral
    referral = read_referral(shown) if shown else turn.user.referral
    return flow.begin(known | given_by(flow.form, referral))


def begin_flow(context: ConversationContext, turn: ConversationTurn, name: str) -> Decisions | Turn:
    """Return the first step of a flow, or what is said instead; some need a registration first."""
    flow, replies = context.flows.flow(name), Replies(context)
    if not replies.may(turn, flow):
        return replies.say_with_menu(turn, "common.not_allowed")
    is_meant = Exits(context).tapped(turn) == REGISTER_AGAIN
    if name == REGISTRATION and turn.user.is_registered and not is_meant:
        return _registered_already(context, turn)
    if flow.needs_profile and not turn.user.is_registered:
        flow = context.flows.flow(REGISTRATION)
        return prefaced("common.register_first", advance(flow, begin(flow, turn), Started()))
    started = advance(flow, begin(flow, turn), Started())
    return told_already(context, turn, flow, started)


def set_aside(context: ConversationContext, turn: ConversationTurn, started: Turn) -> Decisions:
    """Decide what becomes of the open form when another flow starts."""
    return Interruptions(context).begin(turn, started)


def go_on_after(context: ConversationContext, turn: ConversationTurn, ended: Turn) -> Turn:
    """Return what follows the end of a flow: the form that it interrupted, if there is one."""
    return Interruptions(context).go_on(turn, ended)


def _registered_already(context: ConversationContext, turn: ConversationTurn) -> Decisions:
    """Tell people who are registered, and offer to change their data or to agree anew."""
    can_edit = Exits(context).effects_of(EDIT_PROFILE) is not None
    names = (*((EDIT_PROFILE,) if can_edit else ()), REGISTER_AGAIN, MENU)
    buttons = {f"{TAP}.{one}": f"{TAP}.{one}" for one in names}
    return Replies(context).offer(turn, "common.registered_already", buttons)
