"""Calls of the phones: the page's and those of tests."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import wa_id_of
from emulator.cloud_api.state.voice_call import VoiceCall
from emulator.refusals import explained, object_of

CALLS = "/emulator/phone/calls"
#: Payloads that a button or a link gives to a call, and how long each may be.
PAYLOADS = ("cta_payload", "deeplink_payload")
MAX_PAYLOAD_CHARS = 512
#: Keys that are kept of one call.
MAX_KEYS = 100


def call_routes(account: Account) -> list[Route]:
    """Dialling, and what can be done with a call; its news are events of the page."""
    phones = _Phones(account)
    return [
        Route(CALLS, explained(phones.dial), methods=["POST"]),
        Route(CALLS, phones.overview, methods=["GET"]),
        Route(f"{CALLS}/phones", explained(phones.hold), methods=["POST"]),
        Route(f"{CALLS}/{{call_id}}", explained(phones.show), methods=["GET"]),
        Route(f"{CALLS}/{{call_id}}/{{act}}", explained(phones.act), methods=["POST"]),
    ]


class _Phones:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._calls = account.calls

    async def dial(self, request: Request) -> Response:
        """Body: {"from", "sdp"?, "name"?, "hide_phone"?, "cta_payload"?, "deeplink_payload"?}.

        Without SDP, the phone has no audio.
        """
        given = await object_of(request)
        person = self._account.people.get(wa_id_of(given.get("from")))
        person.introduce(given.get("name"), hides_phone=given.get("hide_phone"))
        payloads = {
            name: str(given[name])[:MAX_PAYLOAD_CHARS] for name in PAYLOADS if given.get(name)
        }
        sdp = given.get("sdp")
        call = self._calls.ring(person, sdp if sdp is None else str(sdp), payloads)
        return JSONResponse(self._calls.shown(call), status_code=202)

    async def overview(self, request: Request) -> Response:
        """Return what phones noticed that a real one would not forgive."""
        return JSONResponse({"violations": self._calls.violations})

    async def hold(self, request: Request) -> Response:
        """Let calls of the business ring here, instead of being answered at once."""
        self._calls.has_phones = True
        return JSONResponse({})

    async def show(self, request: Request) -> Response:
        return JSONResponse(self._calls.shown(self._call(request)))

    async def act(self, request: Request) -> Response:
        """Join with {"sdp"}, answer, hang up, or report {"early_packets"} or {"keys"}."""
        call, given = self._call(request), await object_of(request)
        act = request.path_params["act"]
        if act == "join":
            self._calls.join(call, str(given.get("sdp", "")))
        elif act == "answer":
            self._calls.answer(call)
        elif act == "hang-up" and call.ended_at is None:
            self._calls.leave(call)
        elif act == "report":
            self._note(call, given)
        return JSONResponse(self._calls.shown(call))

    def _note(self, call: VoiceCall, given: dict[str, Any]) -> None:
        call.keys = (call.keys + str(given.get("keys") or ""))[:MAX_KEYS]
        if early := int(given.get("early_packets") or 0):
            self._calls.violations.append(
                f"{early} packets of audio before the call was accepted: a phone would count it "
                "as answered"
            )

    def _call(self, request: Request) -> VoiceCall:
        return self._calls.find(request.path_params["call_id"])
