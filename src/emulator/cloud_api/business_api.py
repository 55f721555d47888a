"""What an account can be asked and told about itself: templates, profile, subscriptions, blocks."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.cloud_api.account import Account
from emulator.cloud_api.call import Call, Endpoint
from emulator.cloud_api.errors import GraphError, unknown_object

#: The longest texts of a business profile.
PROFILE = {"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 64}
Guard = Callable[[Endpoint], Callable[[Request], Awaitable[Response]]]


def business_routes(account: Account, guarded: Guard) -> list[Route]:
    """Under the number of the account, and under that of the business."""
    api = _BusinessApi(account)
    endpoints: dict[str, dict[str, Endpoint]] = {
        "message_templates": {
            "GET": api.templates,
            "POST": api.create_template,
            "DELETE": api.delete_template,
        },
        "whatsapp_business_profile": {"GET": api.profile, "POST": api.change_profile},
        "phone_numbers": {"GET": api.numbers},
        "subscribed_apps": {
            "GET": api.subscriptions,
            "POST": api.subscribe,
            "DELETE": api.unsubscribe,
        },
        "block_users": {"GET": api.blocked, "POST": api.block, "DELETE": api.unblock},
    }
    return [
        Route(f"/v{{version:float}}/{{number}}/{name}", guarded(endpoint), methods=[method])
        for name, methods in endpoints.items()
        for method, endpoint in methods.items()
    ]


class _BusinessApi:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._profile: dict[str, Any] = {"messaging_product": "whatsapp"}
        self._is_subscribed = True

    async def templates(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.business_account_id)
        asked = call.request.query_params
        filters = {name: asked.get(name) for name in ("status", "name", "language", "category")}
        found = self._account.templates.listed(**filters)
        start, limit = int(asked.get("after") or 0), int(asked.get("limit") or 25)
        end = min(start + limit, len(found))
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(found):
            url = call.request.url.include_query_params(after=end, limit=limit)
            paging["next"] = str(url)
        return {"data": found[start:end], "paging": paging}

    async def create_template(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.business_account_id)
        return self._account.templates.create(call.fields)

    async def delete_template(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.business_account_id)
        asked = call.request.query_params
        return self._account.templates.delete(asked.get("name"), asked.get("hsm_id"))

    async def profile(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.phone_number_id)
        return {"data": [self._profile]}

    async def change_profile(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.phone_number_id)
        for name, most in PROFILE.items():
            if len(str(call.fields.get(name, ""))) > most:
                raise GraphError(100, f"{name} is too long. Max length is {most}")
        if len(call.fields.get("websites", [])) > 2:
            raise GraphError(100, "A profile has at most 2 websites.")
        known = {*PROFILE, "websites"} & call.fields.keys()
        self._profile |= {name: call.fields[name] for name in known}
        return {"success": True}

    async def numbers(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.business_account_id)
        return {"data": [self._account.number()]}

    async def subscriptions(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.business_account_id)
        app = {"id": "300000000000001", "name": "Emulated app", "link": "http://localhost"}
        return {"data": [{"whatsapp_business_api_data": app}] if self._is_subscribed else []}

    async def subscribe(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.business_account_id)
        self._is_subscribed = True
        return {"success": True}

    async def unsubscribe(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.business_account_id)
        self._is_subscribed = False
        return {"success": True}

    async def blocked(self, call: Call) -> Mapping[str, Any]:
        self._require(call, self._account.config.phone_number_id)
        people = [one for one in self._account.people.recent(1000) if one.is_blocked]
        return {"data": [{"messaging_product": "whatsapp", "wa_id": one.wa_id} for one in people]}

    async def block(self, call: Call) -> Mapping[str, Any]:
        return self._set_blocked(call, is_blocked=True, key="added_users")

    async def unblock(self, call: Call) -> Mapping[str, Any]:
        return self._set_blocked(call, is_blocked=False, key="removed_users")

    def _set_blocked(self, call: Call, *, is_blocked: bool, key: str) -> Mapping[str, Any]:
        self._require(call, self._account.config.phone_number_id)
        done, failed = [], []
        for each in call.fields.get("block_users", []):
            person = self._account.people.known(each.get("user"), each.get("user_id"))
            given = {"input": each.get("user") or each.get("user_id")}
            if person is None:
                failed.append(given)
                continue
            person.is_blocked = is_blocked
            done.append({**given, "wa_id": person.wa_id})
        answer = {key: done} | ({"failed_users": failed} if failed else {})
        return {"messaging_product": "whatsapp", "block_users": answer}

    def _require(self, call: Call, object_id: str) -> None:
        if call.object_id != object_id:
            raise unknown_object(call.object_id)
