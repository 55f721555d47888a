"""Whether the business may call a person, and ask for it: only who allowed it is called.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling/user-call-permissions
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.state.people import Person
from emulator.json import JsonObject

#: Duration of a temporary permission to call.
PERMISSION = timedelta(days=7)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
#: Requests to one person in each period; a connected call starts anew.
MAX_REQUESTS = {DAY: 1, WEEK: 2}
#: Connected calls of the business to one person in a day.
MAX_CALLS = {DAY: 100}
#: Calls in a row without an answer that end a permission.
MAX_UNANSWERED = 4
PERIODS = {DAY: "PT24H", WEEK: "P7D"}


@dataclass(slots=True)
class _History:
    """Times of what the business did to one person, in seconds since 1970."""

    requests: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    #: calls in a row that the person did not answer
    unanswered: int = 0


class CallPermissions:
    """What people allow. `clock` gives seconds since 1970."""

    NOT_KEPT: ClassVar = frozenset({"_clock", "reply"})

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        #: has WhatsApp reply for a person, without a tap of theirs
        self.reply: Callable[[Person, JsonObject], object] = lambda _person, _content: None
        self._histories: defaultdict[str, _History] = defaultdict(_History)

    def forget(self, person: Person) -> None:
        """Forget what the business did to a person."""
        self._histories.pop(person.wa_id, None)

    def completed(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a message; one that allows calls for a while says until when."""
        interactive = content.get("interactive") or {}
        reply = interactive.get("call_permission_reply")
        if not isinstance(reply, dict) or reply.get("response") != "accept":
            return content
        until = {} if reply.get("is_permanent") else {"expiration_timestamp": self._end()}
        told = {"is_permanent": False, **until, **reply}
        return {**content, "interactive": {**interactive, "call_permission_reply": told}}

    def grant_callback(self, person: Person, call_id: str) -> None:
        """A person called, and the business has it that this allows to call back."""
        if person.may_be_called_until <= self._clock():
            self._reply_by_itself(person, "accept", {"context": {"id": call_id}})

    def note_unanswered(self, person: Person) -> None:
        """Note that a person did not take a call: the permission ends after a few in a row."""
        history = self._histories[person.wa_id]
        history.unanswered += 1
        if history.unanswered >= MAX_UNANSWERED and person.may_be_called_until > self._clock():
            self._reply_by_itself(person, "reject", {})

    def _reply_by_itself(self, person: Person, response: str, more: JsonObject) -> None:
        kind = "call_permission_reply"
        reply = {"response": response, "response_source": "automatic"}
        self.reply(
            person, {"type": "interactive", "interactive": {"type": kind, kind: reply}, **more}
        )

    def _end(self) -> str:
        return str(int(self._clock() + PERMISSION.total_seconds()))

    def note_reply(self, person: Person, content: Mapping[str, Any]) -> None:
        """Note the answer of a person to a request, if the message is one."""
        reply = (content.get("interactive") or {}).get("call_permission_reply")
        if reply is None:
            return
        until = self._clock() + PERMISSION.total_seconds()
        until = math.inf if reply.get("is_permanent") else until
        person.may_be_called_until = until if reply.get("response") == "accept" else 0.0
        self._histories[person.wa_id].unanswered = 0

    def note_call(self, person: Person, *, is_by_person: bool) -> None:
        """Note that a call was answered: requests are allowed anew."""
        history = self._histories[person.wa_id]
        history.requests.clear()
        history.unanswered = 0
        if not is_by_person:
            history.calls.append(self._clock())

    def ask(self, person: Person, message: Mapping[str, Any], *, is_template: bool = False) -> None:
        """Note that a message asks for the permission, if it does; `is_template`: one that does.

        Raises:
            GraphError: 138017 if it is permanent, 138009 if the business asked too often.
        """
        interactive = message.get("interactive") or {}
        if interactive.get("type") != "call_permission_request" and not is_template:
            return
        requests = self._histories[person.wa_id].requests
        if person.may_be_called_until == math.inf:
            raise GraphError(138017, "The person may always be called.")
        if not self._has_room(requests, MAX_REQUESTS):
            raise GraphError(138009, "A person is asked once a day, and twice a week.")
        requests.append(self._clock())

    def require_call(self, person: Person) -> None:
        """Raise GraphError 138006 without a permission, and 138012 after too many calls."""
        if self._clock() >= person.may_be_called_until:
            raise GraphError(138006, "The person has not allowed to be called.")
        if not self._has_room(self._histories[person.wa_id].calls, MAX_CALLS):
            raise GraphError(138012, f"The person was called {MAX_CALLS[DAY]} times in a day.")

    def shown(self, person: Person) -> dict[str, Any]:
        """Return what Meta says about a person."""
        until, now = person.may_be_called_until, self._clock()
        status = (
            "permanent" if until == math.inf else "temporary" if until > now else "no_permission"
        )
        permission = {"status": status}
        if status == "temporary":
            permission["expiration_time"] = str(int(until))
        history = self._histories[person.wa_id]
        ask = self._action("send_call_permission_request", history.requests, MAX_REQUESTS)
        call = self._action("start_call", history.calls, MAX_CALLS)
        ask["can_perform_action"] &= status != "permanent"
        call["can_perform_action"] &= status != "no_permission"
        return {
            "messaging_product": "whatsapp",
            "permission": permission,
            "actions": [ask, call],
        }

    def _action(
        self, name: str, times: list[float], most: Mapping[timedelta, int]
    ) -> dict[str, Any]:
        limits = [self._limit(times, period, limit) for period, limit in most.items()]
        can = self._has_room(times, most)
        return {"action_name": name, "can_perform_action": can, "limits": limits}

    def _limit(self, times: list[float], period: timedelta, most: int) -> dict[str, Any]:
        recent = self._recent(times, period)
        limit = {"time_period": PERIODS[period], "max_allowed": most, "current_usage": len(recent)}
        if len(recent) >= most:
            limit["limit_expiration_time"] = int(recent[-most] + period.total_seconds())
        return limit

    def _has_room(self, times: list[float], most: Mapping[timedelta, int]) -> bool:
        return all(len(self._recent(times, period)) < limit for period, limit in most.items())

    def _recent(self, times: list[float], period: timedelta) -> list[float]:
        since = self._clock() - period.total_seconds()
        return [at for at in times if at > since]
