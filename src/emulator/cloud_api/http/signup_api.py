"""Embedded Signup: the dialog in which a business shares a number, and what its code is worth.

Source: developers.facebook.com/docs/whatsapp/embedded-signup
"""

import secrets
from collections.abc import Mapping
from html import escape
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.http.graph_request import Edges, GraphRequest
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.state.access_token import APP
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.lines import Line

#: Seconds for which a code may be exchanged.
CODE_LIFE = 30
#: What can be asked of a phone on which the app goes on.
SYNC_TYPES = ("smb_app_state_sync", "history")
PIN_DIGITS = 6
SUCCESS = {"success": True}


class _Code(NamedTuple):
    number: str
    expires_at: float


class Signups:
    """Codes of the dialog, and what was done with the numbers since."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._codes: dict[str, _Code] = {}
        #: Accounts to which the app is subscribed, and numbers that may send, beside the first.
        self.subscribed: set[str] = set()
        self.registered: set[str] = set()
        #: What was asked for of phones, by number.
        self.synced: dict[str, list[str]] = {}
        #: Under the ids of further accounts, and of numbers in them.
        self.of_account: Edges = {
            "phone_numbers": {"GET": self.numbers},
            "subscribed_apps": {"GET": self.subscriptions, "POST": self.subscribe},
            "message_templates": {"GET": self.templates},
        }
        self.of_number: Edges = {
            "register": {"POST": self.register},
            "smb_app_data": {"POST": self.sync},
        }

    def new_code(self, number: str) -> str:
        """Return a code for a number, as the dialog gives it to the browser."""
        code = secrets.token_urlsafe(40)
        self._codes[code] = _Code(number, self._account.clock() + CODE_LIFE)
        return code

    def account_of(self, number: str) -> str:
        """Return the business account that has a number."""
        config = self._account.config
        return config.number_accounts.get(number, config.business_account_id)

    async def exchange(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Return the token that a code stands for, once."""
        config, fields = self._account.config, asked.fields
        if fields.get("client_id") != APP["id"] or fields.get("client_secret") != config.app_secret:
            raise GraphError(100, "client_id and client_secret do not fit.")
        code = self._codes.pop(str(fields.get("code")), None)
        if code is None or code.expires_at < self._account.clock():
            raise GraphError(100, "The code was used already, or has expired.", subcode=36007)
        token = config.number_tokens.get(code.number, config.access_token)
        return {"access_token": token, "token_type": "bearer"}

    async def numbers(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"data": [_described(one) for one in self._lines(asked.object_id)]}

    async def subscriptions(self, asked: GraphRequest) -> Mapping[str, Any]:
        known = asked.object_id in self.subscribed
        return {"data": [{"whatsapp_business_api_data": APP}] if known else []}

    async def subscribe(self, asked: GraphRequest) -> Mapping[str, Any]:
        self.subscribed.add(asked.object_id)
        return SUCCESS

    async def templates(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"data": []}

    async def register(self, asked: GraphRequest) -> Mapping[str, Any]:
        pin = str(asked.fields.get("pin", ""))
        if not (pin.isdecimal() and len(pin) == PIN_DIGITS):
            raise GraphError(100, f"pin has {PIN_DIGITS} digits.")
        self.registered.add(asked.object_id)
        return SUCCESS

    async def sync(self, asked: GraphRequest) -> Mapping[str, Any]:
        kind = asked.fields.get("sync_type")
        if kind not in SYNC_TYPES:
            raise GraphError(100, f"sync_type is one of {', '.join(SYNC_TYPES)}.")
        self.synced.setdefault(asked.object_id, []).append(str(kind))
        return {"messaging_product": "whatsapp", "request_id": secrets.token_hex(8)}

    def routes(self) -> list[Route]:
        """The dialog, in place of Meta's."""
        return [
            Route("/emulator/signup", self._page),
            Route("/emulator/signup/{number}", self._share, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        coexists = bool(request.query_params.get("coexist"))
        buttons = "".join(
            f'<button data-number="{escape(one.phone_number_id)}">+{escape(one.display)} '
            f"of account {escape(self.account_of(one.phone_number_id))}</button>"
            for one in self._account.lines
            if not one.is_first
        )
        event = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING" if coexists else "FINISH"
        return HTMLResponse(_PAGE.replace("EVENT", event).replace("BUTTONS", buttons or _NONE))

    async def _share(self, request: Request) -> Response:
        number = request.path_params["number"]
        if self._account.lines.of(number) is None:
            return JSONResponse({"error": "There is no such number."}, 404)
        data = {"phone_number_id": number, "waba_id": self.account_of(number), "business_id": "1"}
        return JSONResponse({"code": self.new_code(number), "data": data})

    def _lines(self, account_id: str) -> list[Line]:
        lines = self._account.lines
        return [one for one in lines if self.account_of(one.phone_number_id) == account_id]


def _described(one: Line) -> Mapping[str, str]:
    return {"id": one.phone_number_id, "display_phone_number": f"+{one.display}"}


_NONE = "<p>Start the emulator with EMULATOR_MORE_NUMBERS to have numbers to share.</p>"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Emulated signup</title>
<style>body { font: 17px/1.5 system-ui, sans-serif; margin: 2rem; }
button { display: block; font: inherit; margin: .5rem 0; padding: .6rem 1rem; width: 100%; }</style>
<h1>Which number?</h1><p>Meta's dialog asks for the business, and has the number verified.</p>
BUTTONS
<script>
for (const button of document.querySelectorAll("button")) button.onclick = async () => {
  const answer = await fetch("/emulator/signup/" + button.dataset.number, { method: "POST" });
  const told = { type: "WA_EMBEDDED_SIGNUP", event: "EVENT", ...await answer.json() };
  window.opener?.postMessage(JSON.stringify(told), "*");
  window.close();
};
</script></html>"""
