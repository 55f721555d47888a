"""Meta's side of calls: what is done with one, permissions, and the settings of the number.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loguru import logger

from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Rejected, Unavailable, WhatsAppError

#: Longest wait for Meta's answer: the call rings for half a minute.
ANSWER_WITHIN_SECONDS = 5.0
#: Age from which nothing is repeated: the person no longer waits.
TOO_OLD = timedelta(seconds=20)
#: Errors after which one more attempt may help, and the pause before it, in seconds.
REPEATED = frozenset({138004, 138005})
REPEAT_SECONDS = 1.0
#: What the errors of calls mean, and what to do.
CALL_ERRORS: Mapping[int, str] = {
    131026: "the person's WhatsApp is too old for calls",
    131044: "Meta needs a payment method, also for calls that people make",
    131055: "the number is in SIP mode: switch SIP off in its calling settings",
    138000: "calling is off at the number: `watch.py calls settings --enable`",
    138001: "the person cannot be called: their WhatsApp, or their country, takes no calls",
    138002: "1,000 calls at the same time: try again later",
    138003: "the person is in a call with this number: wait for its end",
    138004: "Meta could not connect; try again",
    138005: "too many calls in a short time: try again later",
    138006: "the person does not allow calls (any more): ask for it, or send a button to call us",
    138007: "Meta did not connect the call in time",
    138009: "too many requests for permission: one a day, and two a week, until you talk",
    138012: "too many calls to this person within 24 hours: try again tomorrow",
    138013: "the number may not call this country: send a button to call us",
    138014: "the person has blocked calls of this business: write instead",
    138015: "the messaging limit is below 2,000 people",
    138017: "the person has allowed calls for good: call without asking",
    138018: "subscribe the app to the webhook field calls",
    138019: "the audio was not set up",
    138020: "the relay failed",
    138021: "Meta received no audio from us",
    138022: "the person's phone sent no audio",
    138023: "the call was accepted without audio",
}


@dataclass(frozen=True, slots=True)
class CallingApi:
    """The calls of the number that is acted as. Every method raises WhatsAppError."""

    cloud_api: CloudApi
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]

    async def pre_accept(self, call: str, sdp: str, *, since: datetime) -> None:
        """Say how audio connects, before the call is answered; `since` is when it rang."""
        await self._answer("pre_accept", call, sdp, since)

    async def accept(self, call: str, sdp: str, *, since: datetime) -> None:
        """Answer a call, with the SDP of `pre_accept`, byte for byte."""
        await self._answer("accept", call, sdp, since)

    async def reject(self, call: str, *, since: datetime) -> None:
        """Turn a call away that was not answered."""
        await self._act({"call_id": call, "action": "reject"}, since)

    async def terminate(self, call: str) -> None:
        """End a call; one that Meta no longer knows is over already."""
        await self._act({"call_id": call, "action": "terminate"}, self.clock())

    async def connect(self, person: Mapping[str, str], sdp: str) -> str:
        """Call a person, by `{"to"}` or `{"recipient"}`. Return Meta's id of the call.

        It is asked for once: what is ambiguous may have made the phone ring already.
        """
        session = {"sdp_type": "offer", "sdp": sdp}
        answer = await self._act({**person, "action": "connect", "session": session}, self.clock())
        calls = answer.get("calls")
        call = calls[0].get("id") if isinstance(calls, list) and calls else None
        if not isinstance(call, str):
            raise Unavailable("Meta named no call", ambiguous=True)
        return call

    async def permission(self, person: Mapping[str, str]) -> Mapping[str, Any]:
        """Return whether a person may be called: `permission` and `actions`, as Meta has them."""
        names = {"to": "user_wa_id"}
        query = {names.get(name, name): value.lstrip("+") for name, value in person.items()}
        return await self.cloud_api.get(f"{self.cloud_api.phone_number_id}/call_permissions", query)

    async def settings(self) -> Mapping[str, Any]:
        """Return the `calling` settings of the number."""
        found = await self.cloud_api.get(f"{self.cloud_api.phone_number_id}/settings", {})
        calling = found.get("calling")
        return calling if isinstance(calling, Mapping) else {}

    async def change_settings(self, calling: Mapping[str, Any]) -> None:
        """Change some of the `calling` settings. They reach phones within up to seven days."""
        path = f"{self.cloud_api.phone_number_id}/settings"
        await self.cloud_api.post(path, {"calling": dict(calling)})

    async def _answer(self, action: str, call: str, sdp: str, since: datetime) -> None:
        session = {"sdp_type": "answer", "sdp": sdp}
        await self._act({"call_id": call, "action": action, "session": session}, since)

    async def _act(self, asked: Mapping[str, Any], since: datetime) -> Mapping[str, Any]:
        try:
            return await self._post(asked)
        except WhatsAppError as error:
            is_brief = error.code in REPEATED or isinstance(error, Unavailable)
            if not is_brief or self.clock() - since > TOO_OLD or asked["action"] == "connect":
                raise
            first = error
        await self.sleep(REPEAT_SECONDS)
        try:
            return await self._post(asked)
        except Rejected:
            if isinstance(first, Unavailable) and first.ambiguous:
                raise first from None  # it may be refused for having been done
            raise

    async def _post(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        path = f"{self.cloud_api.phone_number_id}/calls"
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                return await self.cloud_api.post(path, {"messaging_product": "whatsapp", **asked})
        except TimeoutError:
            raise Unavailable("Meta did not answer in time", ambiguous=True) from None


async def turn_away(api: CallingApi, call: str, since: datetime) -> None:
    """Reject a call at Meta; log why, if Meta does not do it."""
    try:
        await api.reject(call, since=since)
    except WhatsAppError as error:
        logger.info("Meta did not reject a call: {}", advice(error))


async def end_at_meta(api: CallingApi, call: str, since: datetime, *, may_ring: bool) -> None:
    """End a call that is answered, or over, or may still ring. Raises WhatsAppError."""
    if may_ring:
        with suppress(Rejected):  # it is answered, or over
            await api.reject(call, since=since)
            return
    with suppress(Rejected):  # it is over
        await api.terminate(call)


def advice(error: WhatsAppError) -> str:
    """Return what an error of a call means; its own text where that is not known."""
    return CALL_ERRORS.get(error.code or 0, str(error))
