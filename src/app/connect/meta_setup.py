"""What `watch.py connect` asks and tells Meta: accounts, numbers, and where webhooks go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.doctor.account import MANAGES
from app.doctor.account_queries import AccountQueries
from services.clients.cloud_api.token_facts import object_in, text_in

#: Webhook fields that the bot reads.
FIELDS = (
    *("messages", "user_preferences", "account_update", "phone_number_quality_update"),
    *("message_template_status_update", "message_template_quality_update"),
    *("message_template_components_update", "template_category_update"),
)
#: The field without which the bot hears nothing.
NEEDED = ("messages",)
#: Template that Meta approves for every account.
HELLO: Mapping[str, Any] = {"name": "hello_world", "language": {"code": "en_US"}}
#: Status of a number that may send.
CONNECTED = "CONNECTED"


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A phone number of a business account."""

    id: str
    display: str
    name: str
    status: str

    @property
    def is_registered(self) -> bool:
        """Whether it may send; Meta leaves the status out for some."""
        return self.status in ("", CONNECTED)


class MetaSetup(AccountQueries):
    """The Cloud API with what sets a number up. Every method raises WhatsAppError."""

    async def accounts(self) -> Sequence[str]:
        """Return the ids of the business accounts that the token may manage.

        Source: developers.facebook.com/docs/graph-api/reference/debug_token (granular_scopes)
        """
        token = self.authorization["Authorization"].removeprefix("Bearer ")
        answer = object_in(await self.get("debug_token", {"input_token": token}), "data")
        granted = [one for one in answer.get("granular_scopes") or () if isinstance(one, dict)]
        ids = [one.get("target_ids") or () for one in granted if one.get("scope") == MANAGES]
        return [str(id_) for found in ids for id_ in found]

    async def numbers(self, account_id: str) -> Sequence[OwnNumber]:
        """Return the phone numbers of a business account."""
        fields = "id,display_phone_number,verified_name,status"
        answer = await self.get(f"{account_id}/phone_numbers", {"fields": fields})
        names = ("id", "display_phone_number", "verified_name", "status")
        return [OwnNumber(*(text_in(row, name) for name in names)) for row in answer["data"]]

    async def register(self, pin: str) -> None:
        """Register the number for the Cloud API, with the PIN of its two-step verification.

        A number without one gets this PIN.
        """
        body = {"messaging_product": "whatsapp", "pin": pin}
        await self.post(f"{self.phone_number_id}/register", body)

    async def send_webhooks_to(
        self, url: str, verify_token: str, fields: Sequence[str], *, app_id: str, secret: str
    ) -> None:
        """Set the callback URL of an app; Meta asks it for the verify token before it answers.

        Source: developers.facebook.com/docs/graph-api/reference/app/subscriptions
        """
        body = {
            "object": "whatsapp_business_account",
            "callback_url": url,
            "verify_token": verify_token,
            "fields": ",".join(fields),
        }
        as_app = {"Authorization": f"Bearer {app_id}|{secret}"}
        await self.post(f"{app_id}/subscriptions", body, as_app)

    async def subscribe_to(self, account_id: str) -> None:
        """Have the app of the token get the webhooks of a business account."""
        await self.post(f"{account_id}/subscribed_apps", {})

    async def send_hello(self, to: str) -> None:
        """Send the template that every account has."""
        message = {"messaging_product": "whatsapp", "to": to, "type": "template", "template": HELLO}
        await self.post_message(message)
