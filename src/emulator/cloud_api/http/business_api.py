"""What a business account can be asked and told: templates, numbers, subscriptions."""

from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from emulator.cloud_api.http.graph_request import (
    Endpoint,
    GraphRequest,
    Guard,
    chosen_fields,
    object_routes,
)
from emulator.cloud_api.state.access_token import APP
from emulator.cloud_api.state.account import Account


def business_routes(account: Account, guarded: Guard) -> list[Route]:
    """Under the id of the business account."""
    api = _BusinessApi(account)
    endpoints: dict[str, dict[str, Endpoint]] = {
        "message_templates": {
            "GET": api.templates,
            "POST": api.create_template,
            "DELETE": api.delete_template,
        },
        "phone_numbers": {"GET": api.numbers},
        "subscribed_apps": {
            "GET": api.subscriptions,
            "POST": api.subscribe,
            "DELETE": api.unsubscribe,
        },
    }
    return object_routes(account.config.business_account_id, endpoints, guarded)


class _BusinessApi:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._is_subscribed = True

    async def templates(self, asked: GraphRequest) -> Mapping[str, Any]:
        query = asked.http.query_params
        filters = {name: query.get(name) for name in ("status", "name", "language", "category")}
        found = self._account.templates.listed(**filters)
        start, limit = int(query.get("after") or 0), int(query.get("limit") or 25)
        end = min(start + limit, len(found))
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(found):
            url = asked.http.url.include_query_params(after=end, limit=limit)
            paging["next"] = str(url)
        shown = [chosen_fields(one, query.get("fields")) for one in found[start:end]]
        return {"data": shown, "paging": paging}

    async def create_template(self, asked: GraphRequest) -> Mapping[str, Any]:
        return self._account.templates.create(asked.fields)

    async def delete_template(self, asked: GraphRequest) -> Mapping[str, Any]:
        query = asked.http.query_params
        return self._account.templates.delete(query.get("name"), query.get("hsm_id"))

    async def numbers(self, asked: GraphRequest) -> Mapping[str, Any]:
        described = self._account.number.described()
        lines = self._account.lines
        ids = ({"id": one.phone_number_id, "display_phone_number": one.display} for one in lines)
        return {"data": [{**described, **one} for one in ids]}

    async def subscriptions(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"data": [{"whatsapp_business_api_data": APP}] if self._is_subscribed else []}

    async def subscribe(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._is_subscribed = True
        return {"success": True}

    async def unsubscribe(self, asked: GraphRequest) -> Mapping[str, Any]:
        self._is_subscribed = False
        return {"success": True}
