"""Embedded Signup: businesses connect their own numbers, on a page of Meta."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from loguru import logger

from features.signup.settings import SignupSettings
from features.signup.steps import SignupSteps
from features.tenants.settings import TenantSettings
from features.tenants.vault import Vault
from services.conversations.webhook_events import EventDecisions, EventHandler, WebhookEvent
from services.feature import Feature

if TYPE_CHECKING:
    from fastapi import APIRouter


class Signup(Feature):
    """A page for each invitation."""

    name = "signup"
    summary = "a page on which businesses connect their own numbers (Embedded Signup)"
    page = "docs/tenants.md"
    needs = ("tenants",)

    @classmethod
    def routers(cls) -> "Sequence[APIRouter]":
        from features.signup.routes import router

        return (router,)

    def request_state(self) -> Mapping[str, object]:
        return {"signup": self._steps()}

    def events(self) -> Mapping[str, EventHandler]:
        return {"account_update": self._told}

    def _steps(self) -> SignupSteps | None:
        """Return what the page does; None without an app."""
        parts = self.parts
        settings: SignupSettings = parts.settings_of(SignupSettings)
        if not settings.signup_app_id:
            return None
        tenants: TenantSettings = parts.settings_of(TenantSettings)
        return SignupSteps(
            parts.database,
            parts.cloud_api,
            Vault(tenants.secrets_keys),
            settings.signup_app_id,
            settings.signup_config_id,
            settings.signup_app_secret,
            parts.clock,
        )

    async def _told(self, event: WebhookEvent) -> EventDecisions:
        """Meta reports a new business as well: somebody may have closed the page too early."""
        value = event.value if isinstance(event.value, dict) else {}
        if value.get("event") == "PARTNER_ADDED":
            logger.warning(
                "a business has connected its account: `python3 watch.py signup list` shows "
                "whether its number is live; if not, it opens its link again"
            )
        return EventDecisions()


FEATURE = Signup
