"""Handing a conversation to a person, and telling people when nobody is there."""

import secrets
from dataclasses import dataclass

from domain.conversation_status import ConversationStatus
from features.handoff import tickets
from features.handoff.alerts import MACHINE, alert_job, machine_job, notice_job
from features.handoff.team import Team
from features.handoff.waiting import AWAY_NOTICE_INTERVAL, WAITING, WaitingState, WaitingTimers
from features.kept_forms.drafts import Drafts
from flow_engine import NotifyOperators, React, TalkToHuman
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, enqueueing, writing
from services.conversations.exits import MENU, TAP
from services.conversations.extensions import Reset
from services.conversations.holders import hold
from services.conversations.misses import misses_of
from services.conversations.open_form import leave_form
from services.conversations.profile import change_user, return_to_bot
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from utils.elapsed import has_passed

#: What a business answers in `[answers]` to who asks for a person, if it does.
PERSON = "person"
#: What the bot puts on a message that is in a ticket.
NOTED = "👍"


@dataclass(frozen=True, slots=True)
class Handoff:
    """Decides who answers."""

    context: ConversationContext
    team: Team
    timers: WaitingTimers
    #: Whether operators get an alert in the chat of their team.
    sends_alerts: bool

    async def talk_to_human(self, turn: ConversationTurn, effect: TalkToHuman) -> Decisions:
        """Let a person answer, if anybody can: the bot is silent from then on.

        While nobody is there, the request is noted, and the bot goes on answering.
        """
        replies = Replies(self.context)
        if not self.context.can_hand_off:
            return self._nobody(turn)
        is_open = await self.team.is_open(turn.now)
        is_known = turn.user.status == ConversationStatus.NEEDS_HUMAN
        place = 0 if is_known or not is_open else await self.team.people_waiting()
        until = turn.now + self.context.human_idle if is_open else None
        # One change of the person: of two in one commit, either may come first.
        decided = hold(turn, ConversationStatus.NEEDS_HUMAN, until=until)
        decided += NOTHING if is_known else self._open_ticket(turn, effect.asked)
        back = turn.now if is_open else await self.team.next_opening(turn.now)
        decided += self.timers.begin(turn.after(decided), back or turn.now)
        turn = turn.after(decided)
        if not is_open:
            return decided + await self._say_away(turn, is_known=is_known)
        decided += Drafts(self.context).keep(turn)
        decided += leave_form() + self.context.extensions.reset(turn, Reset.HANDED_OFF)
        key = "handoff.handed_over_after" if place else "handoff.handed_over"
        menu = {f"{TAP}.{MENU}": "handoff.back"}
        return decided + replies.offer(turn, key, menu, params={"count": place} if place else {})

    def _nobody(self, turn: ConversationTurn) -> Decisions:
        """Say that nobody of the team is here, and how the business says that it is reached."""
        replies, texts = Replies(self.context), self.context.texts
        contact = texts.find(turn.language, f"answers.{PERSON}")
        told = texts.say(turn.language, "handoff.nobody")
        told = " ".join(filter(None, (told, contact)))
        asked = replies.repeat_question(turn, told)
        if asked is not None or not self.context.extensions.has_menus:
            return asked or replies.say_text(told)
        return replies.show_menu(turn, said=told)

    async def while_waiting(self, turn: ConversationTurn) -> tuple[Decisions, bool]:
        """Decide about a message that an operator is to answer, and whether the bot answers too.

        Outside of the hours it does, unless an operator is in the conversation already.
        """
        if await self.team.is_open(turn.now):
            return NOTHING, False
        is_taken = turn.user.status != ConversationStatus.NEEDS_HUMAN
        freed = NOTHING if is_taken else change_user(turn, {"bot_paused_until": None})
        return freed + await self._away_notice(turn), not is_taken

    async def back_to_bot(self, turn: ConversationTurn, key: str) -> Decisions:
        """Give the conversation back to the bot, as the person wishes; `key` says so.

        A form that was open before is offered again.
        """
        returned = return_to_bot(turn) + self.timers.end(turn)
        turn = turn.after(returned)
        before = "handoff.closed" if key == "handoff.withdrawn" else ""
        offered = await Drafts(self.context).offer(turn, before)
        return returned + (offered or Replies(self.context).say_with_menu(turn, key))

    def take_back(self, turn: ConversationTurn, key: str) -> Decisions:
        """Give the conversation back to the bot, which is about to answer; `key` says so."""
        returned = return_to_bot(turn) + self.timers.end(turn)
        return returned + Replies(self.context).say(turn.after(returned), key)

    def note_machine(self, turn: ConversationTurn) -> Decisions:
        """Show operators that the bot is silent to a machine: as a ticket, and in their chat."""
        decided = NOTHING
        if self.context.extensions.operators_reachable:
            number = secrets.token_hex(5).upper()
            asked = f"{MACHINE}\n{turn.text}"
            decided = writing(
                tickets.open_(number, user_key=turn.user.key, asked=asked, at=turn.now)
            )
        if self.sends_alerts:
            decided += enqueueing([machine_job(turn.user, turn.message.message_id)])
        return decided

    async def notify(self, turn: ConversationTurn, effect: NotifyOperators) -> Decisions:
        """Open a ticket, and alert the operators' chat; the bot goes on answering."""
        told = Replies(self.context).renderer(turn).line(effect.key, effect.params)
        number = secrets.token_hex(5).upper()
        opened = tickets.open_(number, user_key=turn.user.key, asked=told, at=turn.now)
        decided = writing(opened)
        if self.sends_alerts:
            decided += enqueueing([notice_job(turn.user, ticket=number, told=told)])
        return decided

    async def _away_notice(self, turn: ConversationTurn) -> Decisions:
        """Tell a person who waits outside the opening hours; once in a while is enough."""
        told_at, interval = WAITING.read(turn.state).away_told_at, AWAY_NOTICE_INTERVAL
        if not has_passed(interval.total_seconds(), since=told_at, now=turn.timestamp):
            return NOTHING
        return await self._say_away(turn, is_known=False)

    async def note_for_operator(self, turn: ConversationTurn) -> Decisions:
        """Say once that a message is in the ticket; then a reaction is enough."""
        waiting = WAITING.read(turn.state)
        if waiting.is_noted:
            return Replies(self.context).send(turn, React(NOTED))
        noted = Decisions(state=WAITING.change(waiting.model_copy(update={"is_noted": True})))
        return noted + await self._say_away(turn.after(noted), is_known=True)

    async def _say_away(self, turn: ConversationTurn, *, is_known: bool) -> Decisions:
        """Say when somebody is back, and ask the question of an open form again."""
        when = await self.team.when_back(turn.now, turn.language)
        key = "handoff.already_noted" if is_known else "handoff.away"
        replies = Replies(self.context)
        texts, name = self.context.texts, {"first_name": turn.user.first_name}
        if when:
            text = texts.say(turn.language, key, {**name, "when": when})
        else:
            text = texts.say(turn.language, "handoff.away_for_long", name)
        waiting = WAITING.read(turn.state).model_copy(update={"away_told_at": turn.timestamp})
        asked = replies.repeat_question(turn, before=text)
        told = asked if asked is not None else replies.say_text(text)
        return Decisions(state=WAITING.change(waiting)) + told

    def _open_ticket(self, turn: ConversationTurn, asked: str) -> Decisions:
        number = secrets.token_hex(5).upper()
        led_to_it = misses_of(turn).text
        words = "\n".join(dict.fromkeys(filter(None, (led_to_it, asked))))
        decided = writing(tickets.open_(number, user_key=turn.user.key, asked=words, at=turn.now))
        if self.sends_alerts:
            decided += enqueueing([alert_job(turn.user, ticket=number, asked=words)])
        waiting = WaitingState(ticket=number, since=turn.timestamp)
        return decided + Decisions(state=WAITING.change(waiting))
