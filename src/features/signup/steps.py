"""What is done once somebody has connected a number: step by step, each stored, each repeatable.

Source: developers.facebook.com/docs/whatsapp/embedded-signup (server-side steps, January 2026)
"""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from loguru import logger
from pydantic import SecretStr
from sqlalchemy import Connection

from features.signup.tables import StoredSignup, put_signup
from features.tenants.directory import put_number, put_tenant, read_directory
from features.tenants.tables import StoredNumber, StoredTenant
from features.tenants.vault import Place, Vault, VaultError
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import WhatsAppError
from services.clients.cloud_api.token_facts import describe_token
from storage.engine.group_commit import GroupCommit, Transaction

#: What the token has to allow.
SCOPES = frozenset({"whatsapp_business_management", "whatsapp_business_messaging"})


class Step(StrEnum):
    """How far an invitation is: the last step that is done."""

    INVITED = "invited"
    #: The token is stored, and it may use the number.
    CONNECTED = "connected"
    #: Meta sends the webhooks of the account.
    SUBSCRIBED = "subscribed"
    #: The number may send; one that stays in the app brings its contacts and chats instead.
    REGISTERED = "registered"
    #: The bot answers.
    LIVE = "live"


class SignupProblem(Exception):
    """A step cannot be done; the text is for the person who connects the number."""


#: What can be wrong with a step.
PROBLEMS = (SignupProblem, WhatsAppError, VaultError)


@dataclass(frozen=True, slots=True)
class SignupResult:
    """What the page of Meta gives to the browser."""

    code: str
    account_id: str
    number_id: str
    is_coexistent: bool = False


@dataclass(frozen=True, slots=True)
class SignupSteps:
    """Carries out the steps, and stores how far each invitation is."""

    database: GroupCommit
    api: CloudApi
    vault: Vault
    app_id: str
    #: Of Facebook Login for Business, for the dialog.
    config_id: str
    app_secret: SecretStr
    clock: Callable[[], datetime]

    async def connect(self, one: StoredSignup, given: SignupResult) -> StoredSignup:
        """Exchange the code, which lives for 30 seconds, and go on as far as possible."""
        try:
            connected = await self._connected(one, given)
        except PROBLEMS as error:
            return await self._stored(one._replace(problem=_told(error)))
        return await self.go_on(await self._stored(connected))

    async def go_on(self, one: StoredSignup) -> StoredSignup:
        """Do the steps that are left, up to the first that fails."""
        for before, after, do in self._steps():
            if one.step != before:
                continue
            try:
                await do(one)
            except PROBLEMS as error:
                return await self._stored(one._replace(problem=_told(error)))
            one = one._replace(step=after.value, problem="")
            if after is Step.LIVE:  # the number has the token now, and nobody needs the PIN
                one = one._replace(token=None, pin=None)
            await self._stored(one)
        return one

    def _steps(self) -> Sequence[tuple[Step, Step, Callable[[StoredSignup], Awaitable[None]]]]:
        return (
            (Step.CONNECTED, Step.SUBSCRIBED, self._subscribe),
            (Step.SUBSCRIBED, Step.REGISTERED, self._register),
            (Step.REGISTERED, Step.LIVE, self._begin),
        )

    async def _connected(self, one: StoredSignup, given: SignupResult) -> StoredSignup:
        """Return the invitation with its token, if that may use the number."""
        asked = {
            "client_id": self.app_id,
            "client_secret": self.app_secret.get_secret_value(),
            "code": given.code,
        }
        answer = await self.api.post("oauth/access_token", asked, {"Accept": "application/json"})
        token = str(answer.get("access_token") or "")
        api = self._api(token, given.number_id)
        facts = await describe_token(
            api, as_app=f"{self.app_id}|{self.app_secret.get_secret_value()}"
        )
        if not facts.is_valid or (missing := SCOPES - facts.scopes):
            lacking = ", ".join(sorted(missing)) if facts.is_valid else "everything"
            raise SignupProblem(f"The token does not allow {lacking}: connect the number again.")
        path = f"{given.account_id}/phone_numbers"
        listed = (await api.get(path, {"fields": "display_phone_number"})).get("data") or []
        display = {str(row.get("id")): str(row.get("display_phone_number")) for row in listed}
        if given.number_id not in display:
            raise SignupProblem("The number is not one of this account: connect it again.")
        place = Place(one.tenant, given.number_id, "token")
        return one._replace(
            step=Step.CONNECTED.value,
            problem="",
            account_id=given.account_id,
            number_id=given.number_id,
            display="".join(filter(str.isdecimal, display[given.number_id])),
            is_coexistent=given.is_coexistent,
            token=self.vault.seal(token, place),
            pin=self.vault.seal(f"{secrets.randbelow(10**6):06}", replace(place, field="pin")),
        )

    async def _subscribe(self, one: StoredSignup) -> None:
        await self._api_of(one).post(f"{one.account_id}/subscribed_apps", {})

    async def _register(self, one: StoredSignup) -> None:
        """Register the number, within 14 days; or ask for what the app on the phone knows."""
        api = self._api_of(one)
        product = {"messaging_product": "whatsapp"}
        if one.is_coexistent:
            for kind in ("smb_app_state_sync", "history"):
                await api.post(f"{one.number_id}/smb_app_data", {**product, "sync_type": kind})
            return
        pin = self.vault.open(one.pin or "", Place(one.tenant, one.number_id, "pin"))
        await api.post(f"{one.number_id}/register", {**product, "pin": pin.get_secret_value()})

    async def _begin(self, one: StoredSignup) -> None:
        """Let the bot of the business answer; the process notices it within seconds."""
        now = self.clock()

        def store(connection: Connection, _: float) -> bool:
            known = read_directory(connection)
            owner = next((row.tenant for row in known.numbers if row.id == one.number_id), None)
            if owner not in (None, one.tenant):
                return False
            if all(row.tenant != one.tenant for row in known.numbers):
                put_tenant(connection, StoredTenant(one.tenant, one.title), now)
            number = StoredNumber(
                one.number_id,
                one.tenant,
                account_id=one.account_id,
                display=one.display,
                token=one.token,
            )
            put_number(connection, number, now)
            return True

        if not await self.database.submit(Transaction(store)):
            raise SignupProblem("The number belongs to another business here: ask your contact.")

    def _api_of(self, one: StoredSignup) -> CloudApi:
        token = self.vault.open(one.token or "", Place(one.tenant, one.number_id, "token"))
        return self._api(token.get_secret_value(), one.number_id)

    def _api(self, token: str, number_id: str) -> CloudApi:
        return CloudApi(
            self.api.http, token=token, phone_number_id=number_id, base_url=self.api.base_url
        )

    async def _stored(self, one: StoredSignup) -> StoredSignup:
        await self.database.submit(Transaction(lambda c, _: put_signup(c, one)))
        told = f": {one.problem}" if one.problem else ""
        logger.info("signup of {}: {}{}", one.tenant, one.step, told)
        return one


def _told(error: Exception) -> str:
    """Return a problem in the words of a person; those of Meta are masked."""
    if isinstance(error, VaultError):
        return "The token that was stored here cannot be read any more: ask for a new link."
    return str(error) if isinstance(error, SignupProblem) else f"Meta says: {error}"
