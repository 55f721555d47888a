"""What a business account can be asked and told: templates, numbers, subscriptions."""

from collections.abc import Mapping
from typing import Any

from emulator.cloud_api.http.graph_request import Edges, GraphRequest, chosen_fields
from emulator.cloud_api.http.paging import one_page
from emulator.cloud_api.rules.shapes import CALLBACK, TEMPLATE, check_shape
from emulator.cloud_api.state.access_token import APP
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.templates import MAX_TEMPLATES

#: Filters of templates by whole values.
FILTERS = ("status", "language", "category", "quality_score")
#: What is told of an account where no fields are asked for.
USUAL_FIELDS = ("id", "name", "timezone_id", "message_template_namespace")
SUCCESS = {"success": True}


def business_edges(account: Account) -> Edges:
    """Under the id of the business account."""
    api = _BusinessApi(account)
    return {
        "": {"GET": api.describe},
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


class _BusinessApi:
    def __init__(self, account: Account) -> None:
        self._account = account

    async def describe(self, asked: GraphRequest) -> Mapping[str, Any]:
        described = {
            "id": asked.object_id,
            "name": "Emulated business",
            "timezone_id": "1",
            "message_template_namespace": "00000000_0000_0000_0000_000000000001",
            "currency": "USD",
            "account_review_status": "APPROVED",
            "business_verification_status": "verified",
            "country": "US",
            "ownership_type": "SELF",
        }
        usual = ",".join(USUAL_FIELDS)
        return chosen_fields(described, asked.text("fields") or usual)

    async def templates(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Filters may have several values, in letters of any case."""
        found = self._account.templates.listed(
            **{name: asked.texts(name) for name in FILTERS},
            **{name: asked.text(name) for name in ("name", "content", "name_or_content")},
        )
        fields, summary = asked.text("fields"), asked.text("summary")
        page = one_page(asked, found)
        page["data"] = [chosen_fields(one, fields) for one in page["data"]]
        if summary is None:
            return page
        total = {
            "total_count": len(found),
            "message_template_count": len(self._account.templates.listed()),
            "message_template_limit": MAX_TEMPLATES,
            "are_translations_complete": False,
        }
        names = summary.split(",")
        chosen = {name: value for name, value in total.items() if name in names}
        return {**page, "summary": chosen or total}

    async def create_template(self, asked: GraphRequest) -> Mapping[str, Any]:
        check_shape(asked.fields, TEMPLATE)
        return self._account.templates.create(asked.fields)

    async def delete_template(self, asked: GraphRequest) -> Mapping[str, Any]:
        ids = asked.texts("hsm_ids") or asked.texts("hsm_id")
        return self._account.templates.delete(asked.text("name"), ids)

    async def numbers(self, asked: GraphRequest) -> Mapping[str, Any]:
        fields = asked.text("fields")
        described = self._account.number.described()
        others = self._account.config.number_accounts
        lines = [one for one in self._account.lines if one.phone_number_id not in others]
        ids = ({"id": one.phone_number_id, "display_phone_number": one.display} for one in lines)
        return one_page(asked, [{**chosen_fields({**described, **one}, fields)} for one in ids])

    async def subscriptions(self, asked: GraphRequest) -> Mapping[str, Any]:
        override = self._account.callbacks.of(asked.object_id)
        more = {"override_callback_uri": override} if override else {}
        app = {"whatsapp_business_api_data": APP, **more}
        return {"data": [app] if self._account.is_subscribed else []}

    async def subscribe(self, asked: GraphRequest) -> Mapping[str, Any]:
        """Subscribe the app; `override_callback_uri` is where its webhooks go from now on."""
        check_shape(asked.fields, CALLBACK)
        await self._account.callbacks.set(asked.object_id, asked.fields)
        self._account.is_subscribed = True
        return SUCCESS

    async def unsubscribe(self, asked: GraphRequest) -> Mapping[str, Any]:
        await self._account.callbacks.set(asked.object_id, {})
        self._account.is_subscribed = False
        return SUCCESS
