"""Decides whether a person is called, asked first, or neither; and begins the call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from loguru import logger
from sqlalchemy import Connection

from domain.window import is_window_closed
from features.calls import past_calls
from features.calls.calling import advice
from features.calls.chat import is_served
from features.calls.desk import CallDesk
from features.calls.states import End
from features.calls.tables import KEEP_CALLS, CallRow
from features.outgoing_calls import reasons, tables
from features.outgoing_calls.dialler import Dialler
from features.outgoing_calls.job_specs import (
    CALL,
    PERMISSION,
    REPEAT,
    CallJob,
    PermissionJob,
)
from features.outgoing_calls.messages import CallPermissionRequest
from features.outgoing_calls.permission import (
    MAX_UNANSWERED,
    Allowed,
    Permission,
    read_allowed,
)
from features.outgoing_calls.tables import Wish, WishState
from jobs.job_queue import Decision
from jobs.model import Job, LaneState, Outcome, RetryLater
from jobs.spec import EmptyBody, HandledJob, person_lane
from schemas.cloud_api_schema import OutgoingMessage, TemplateMessage
from services.clients.cloud_api.errors import Unavailable, WhatsAppError
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from services.parts import Parts
from services.sending.outbox import Draft, enqueue_messages
from storage.engine.group_commit import Transaction

#: Calls for one wish: the second one if nobody answers the first.
MAX_ATTEMPTS = 2
#: Calls of a person that are looked at.
MAX_CALLS = 10
#: Ends of calls that the person did not take.
UNANSWERED = frozenset({End.NO_ANSWER, End.DECLINED})


@dataclass(frozen=True, slots=True)
class Caller:
    """Handles the jobs of calls to people."""

    parts: Parts
    desk: CallDesk
    #: Asks outside of the window for messages; None: nobody is asked there.
    template: TemplateMessage | None

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs, with their handlers."""
        return (
            CALL.handled_by(self.call, on_discard=self.give_up),
            REPEAT.handled_by(self.repeat, on_discard=self.give_up_newest),
            PERMISSION.handled_by(self.take_permission, on_discard=self.give_up_newest),
        )

    async def call(self, job: Job, body: CallJob, state: LaneState) -> Outcome:
        """Call a person for the first time."""
        turn = await self._turn(job)
        known = await self.parts.database.reader.run(
            lambda connection, _: tables.find_wish(connection, body.wish)
        )
        if known is None:  # else the job runs again
            await self._try(turn, _wish(turn, body))
        return Outcome()

    async def give_up(self, job: Job, body: CallJob | None, state: LaneState) -> Outcome:
        """Let operators know that a person is not called: it could not be tried for too long."""
        if body is not None:
            turn = await self._turn(job)
            await self._give_up(turn, _wish(turn, body), reasons.NOT_NOW)
        return Outcome()

    async def give_up_newest(self, job: Job, body: object, state: LaneState) -> Outcome:
        """Let operators know of a wish that had come far, and could not be tried again."""
        turn = await self._turn(job)
        state_before = WishState.CALLED if job.kind == REPEAT.kind else WishState.ASKED
        wish = await self._newest(turn, state_before)
        if wish is not None:
            await self._give_up(turn, wish, reasons.NOT_NOW)
        return Outcome()

    async def repeat(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Call a person once more who did not answer, unless something else was wished since."""
        turn = await self._turn(job)
        wish = await self._newest(turn, WishState.CALLED)
        if wish is None or wish.attempts >= MAX_ATTEMPTS:
            return Outcome()
        calls = await self._calls_since(turn, wish.changed_at)
        if not any(one.accepted_at or one.reason is End.DECLINED for one in calls):
            await self._try(turn, wish)
        return Outcome()

    async def take_permission(self, job: Job, body: PermissionJob, state: LaneState) -> Outcome:
        """Keep what a person allows, and call them if they were asked for that."""
        turn = await self._turn(job)
        until = None if body.until is None else datetime.fromtimestamp(body.until, UTC)
        is_yes = body.response == "accept"

        def keep(connection: Connection, _: float) -> None:
            number, key = turn.phone_number_id, turn.user.key
            known = tables.permission_of(connection, number, key)
            known = (
                known.accepted(turn.now, until=until, for_good=body.is_permanent)
                if is_yes
                else known.refused()
            )
            tables.keep_permission(connection, number, key, known, turn.now)

        await self.parts.database.submit(Transaction(keep))
        wish = await self._newest(turn, WishState.ASKED) if is_yes else None
        if wish is not None and tables.is_answerable(wish, turn.now):
            await self._try(turn, wish)
        return Outcome()

    async def _try(self, turn: ConversationTurn, wish: Wish) -> None:
        engine = self.desk.engine
        if not is_served(self.parts, turn):
            await self._give_up(turn, wish, reasons.NOT_SERVED)
            return
        if engine is None:
            await self._give_up(turn, wish, reasons.OFF)
            return
        if not engine.is_up:  # it starts anew, or has all it can carry
            raise RetryLater("the engine of calls is busy", timedelta(0))
        user = turn.user
        person = {"to": user.phone} if user.phone else {"recipient": str(user.user_id)}
        known = await self._permission(turn)
        try:
            allowed = read_allowed(await self.desk.api.permission(person))
        except Unavailable:
            if not known.allows_call(turn.now):
                raise  # the job is tried again
            allowed = Allowed(call=True, ask=False)
        except WhatsAppError as error:
            await self._give_up(turn, wish, advice(error))
            return
        if not allowed.call:
            await self._ask(turn, wish, known, allowed)
        elif await self._rang_in_vain(turn, known):
            await self._give_up(turn, wish, reasons.IN_VAIN)
        else:
            await self._dial(turn, wish, person)

    async def _rang_in_vain(self, turn: ConversationTurn, known: Permission) -> bool:
        """Return whether the last calls were not answered; a new permission starts anew."""
        since = known.granted_at or turn.now - KEEP_CALLS
        calls = await self._calls_since(turn, since)
        missed = takewhile(lambda one: one.accepted_at is None, calls)
        return sum(one.reason in UNANSWERED for one in missed) >= MAX_UNANSWERED

    async def _calls_since(self, turn: ConversationTurn, since: datetime) -> Sequence[CallRow]:
        key = turn.user.key
        return await self.parts.database.reader.run(
            lambda connection, _: past_calls.of_person(connection, key, since, most=MAX_CALLS)
        )

    async def _ask(
        self, turn: ConversationTurn, wish: Wish, known: Permission, allowed: Allowed
    ) -> None:
        message = self._request(turn)
        if not allowed.ask or not known.may_be_asked(turn.now):
            await self._give_up(turn, wish, reasons.ASKED_ALREADY)
            return
        if message is None:
            await self._give_up(turn, wish, reasons.NO_TEMPLATE)
            return
        asked = replace(wish, state=WishState.ASKED, changed_at=turn.now)
        number, user = turn.phone_number_id, turn.user
        observers = self.parts.context.extensions.observers

        def decide(connection: Connection, _: float) -> Decision[None]:
            tables.keep_wish(connection, asked)
            now_known = known.asked(turn.now)
            tables.keep_permission(connection, number, user.key, now_known, turn.now)
            drafts = [Draft(message.payload())]
            sent = enqueue_messages(drafts, user, number, at=turn.now, observers=observers)
            return Decision(None, *sent)

        await self.parts.queue.decide(decide)

    def _request(self, turn: ConversationTurn) -> OutgoingMessage | None:
        if is_window_closed(turn.user, turn.now):
            return self.template
        body = Replies(self.parts.context).renderer(turn).line("outgoing_calls.may_we_call")
        return CallPermissionRequest(body=body)

    async def _dial(self, turn: ConversationTurn, wish: Wish, person: Mapping[str, str]) -> None:
        if not await Dialler(self.parts, self.desk).begin(turn, wish, person):
            await self._give_up(turn, wish, reasons.NO_LINE)

    async def _give_up(self, turn: ConversationTurn, wish: Wish, reason: str) -> None:
        """Let operators read why a person is not called."""
        logger.info("a person is not called: {}", reason)
        over = replace(wish, state=WishState.GIVEN_UP, changed_at=turn.now)
        renderer = Replies(self.parts.context).renderer(turn)
        text = renderer.line("outgoing_calls.note_not_called", {"reason": reason})
        note_id = f"call_wish:{wish.id}:{wish.attempts}"
        observers = self.parts.context.extensions.observers
        writes = [
            write for one in observers for write in one.noted(note_id, turn.user, text, turn.now)
        ]

        def decide(connection: Connection, _: float) -> Decision[None]:
            tables.keep_wish(connection, over)
            return Decision(None, writes=writes)

        await self.parts.queue.decide(decide)

    async def _turn(self, job: Job) -> ConversationTurn:
        number, user_key = person_lane(job)
        return await self.desk.turn(number, user_key)

    async def _permission(self, turn: ConversationTurn) -> Permission:
        number, key = turn.phone_number_id, turn.user.key
        return await self.parts.database.reader.run(
            lambda connection, _: tables.permission_of(connection, number, key)
        )

    async def _newest(self, turn: ConversationTurn, state: WishState) -> Wish | None:
        number, key = turn.phone_number_id, turn.user.key
        return await self.parts.database.reader.run(
            lambda connection, _: tables.newest_wish(connection, number, key, state)
        )


def _wish(turn: ConversationTurn, body: CallJob) -> Wish:
    number, key = turn.phone_number_id, turn.user.key
    return Wish(body.wish, number, key, body.key, body.params, WishState.ASKED, 0, turn.now)
