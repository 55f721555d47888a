"""Queries about an account for `watch.py doctor`: its token, its number, its webhooks."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp
import httpx

from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Unavailable, WhatsAppError
from services.clients.cloud_api.token_facts import describe_token, object_in, text_in

#: Fields of a phone number to ask for; the last one holds the callback URLs.
NUMBER_FIELDS = (
    "display_phone_number",
    "verified_name",
    "quality_rating",
    "status",
    "platform_type",
    "webhook_configuration",
)
#: Levels at which a callback URL can be set; the first one that has a URL wins.
#: Source: developers.facebook.com/docs/whatsapp/embedded-signup/webhooks/override
CALLBACKS = ("phone_number", "whatsapp_business_account", "application")
#: Error codes of Meta for an app id with the secret of another app.
WRONG_SECRET = frozenset({101, 190})


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What Meta says about a phone number. A value that Meta left out is empty."""

    display_phone_number: str
    verified_name: str
    quality_rating: str
    status: str
    platform_type: str
    callback_url: str


class AccountQueries(CloudApi):
    """The Cloud API with queries for checks. Every method raises WhatsAppError."""

    async def knows_secret(self, app_id: str, secret: str) -> bool:
        """Return whether `secret`, which signs the webhooks, belongs to the app."""
        try:
            await describe_token(self, as_app=f"{app_id}|{secret}")
        except WhatsAppError as error:
            if error.code in WRONG_SECRET or "client secret" in str(error):
                return False
            raise
        return True

    async def number(self) -> NumberFacts:
        """Return what Meta says about the phone number of the bot."""
        query = {"fields": ",".join(NUMBER_FIELDS)}
        found = await self.get(self.phone_number_id, query)
        given = {name: text_in(found, name) for name in NUMBER_FIELDS[:-1]}
        callbacks = object_in(found, "webhook_configuration")
        urls = [text_in(callbacks, name) for name in CALLBACKS]
        return NumberFacts(**given, callback_url=next(filter(None, urls), ""))

    def subscribed_apps_url(self, business_account_id: str) -> str:
        """Return the URL to which a POST subscribes the app of the token."""
        return f"{self._root}/{business_account_id}/subscribed_apps"

    async def subscribed_apps(self, business_account_id: str) -> list[str]:
        """Return the ids of the apps that receive the webhooks of a business account."""
        found = await self.get(f"{business_account_id}/subscribed_apps", {})
        apps = [object_in(row, "whatsapp_business_api_data") for row in found.get("data", [])]
        return [text_in(app, "id") for app in apps]

    async def time(self) -> datetime | None:
        """Return the time at Meta, to the second; None if its answer has no date."""
        try:
            answer = await self.http.get(f"{self.base_url}/")
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            raise Unavailable("Meta cannot be reached", ambiguous=False) from error
        try:
            return parsedate_to_datetime(answer.headers["date"])
        except (KeyError, ValueError):
            return None
