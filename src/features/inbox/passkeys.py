"""Passkeys: operators sign in with their fingerprint, face or security key, without a link.

Needs the package `webauthn` (the extra `inbox`); without it, links are the only way in.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from typing import Any

from sqlalchemy import Connection, delete, select, update

from domain.json import JsonObject
from features.inbox import base64url, operators
from features.inbox.access import AccessRefused
from features.inbox.operators import OWNER_ID, Operator
from features.inbox.site import Site
from features.inbox.tables.passkeys import inbox_passkey
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.key_value import KeyValueStore

#: Time in which a browser has to answer, and which no answer is used twice in.
CHALLENGE_VALID = timedelta(minutes=5)
#: Name under which the secret of challenges is stored.
STORED_AS = "inbox:challenges"
RANDOM_BYTES, TIME_BYTES, TAG_BYTES, SECRET_BYTES = 16, 8, 32, 32
#: Most passkeys of one operator, and longest name of one, in characters.
MAX_PASSKEYS, MAX_NAME_CHARS = 10, 60
NOT_THIS_ONE = "This passkey is not known here. Sign in with a link, and add it again."


def are_possible() -> bool:
    """Return whether the package is there."""
    return find_spec("webauthn") is not None


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Adds passkeys, and signs operators in by them."""

    database: GroupCommit
    clock: Callable[[], datetime]

    async def new_options(self, operator: Operator, site: Site) -> JsonObject:
        """Return what a browser needs to make a passkey. Raise AccessRefused."""
        _require_possible()
        if operator.id == OWNER_ID:
            raise AccessRefused(409, "Invite yourself first: passkeys are for invited operators.")
        from webauthn import generate_registration_options
        from webauthn.helpers import base64url_to_bytes, options_to_json_dict
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        known = await self.all(operator)
        options = generate_registration_options(
            rp_id=site.name,
            rp_name="Inbox",
            user_name=operator.name,
            user_id=operator.id.encode(),
            challenge=await self._challenge(),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(one["id"])) for one in known
            ],
        )
        made: JsonObject = options_to_json_dict(options)
        return made

    async def add(self, operator: Operator, site: Site, name: str, credential: JsonObject) -> None:
        """Keep a passkey that a browser made. Raise AccessRefused."""
        _require_possible()
        from webauthn import verify_registration_response
        from webauthn.helpers import bytes_to_base64url
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = await self._required(credential)
        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=site.name,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            raise AccessRefused(422, "The browser made no passkey for this page.") from None

        def store(connection: Connection, now: float) -> bool:
            at = datetime.fromtimestamp(now, UTC)
            if not _is_first_use(connection, challenge, at):
                return False
            if len(_of(connection, operator)) >= MAX_PASSKEYS:
                return False
            row = {
                "id": bytes_to_base64url(made.credential_id),
                "operator_id": operator.id,
                "public_key": made.credential_public_key,
                "sign_count": made.sign_count,
                "name": " ".join(name.split())[:MAX_NAME_CHARS] or "Passkey",
                "created_at": at,
            }
            connection.execute(inbox_passkey.insert().values(row))
            operators.note(connection, operator, "added a passkey", "", at)
            return True

        if not await self.database.submit(Transaction(store)):
            raise AccessRefused(409, f"You have {MAX_PASSKEYS} passkeys, or this one is there.")

    async def sign_in_options(self, site: Site) -> JsonObject:
        """Return what a browser needs to sign in. Raise AccessRefused."""
        _require_possible()
        from webauthn import generate_authentication_options
        from webauthn.helpers import options_to_json_dict
        from webauthn.helpers.structs import UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=site.name,
            challenge=await self._challenge(),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        made: JsonObject = options_to_json_dict(options)
        return made

    async def sign_in(self, site: Site, credential: JsonObject) -> str | None:
        """Return the secret of a new session; None if the passkey is not known."""
        _require_possible()
        challenge = await self._required(credential)
        is_it = inbox_passkey.c.id == str(credential.get("id"))
        known = await self.database.reader.run(
            lambda c, _: c.execute(select(inbox_passkey).where(is_it)).first()
        )
        count = _verified(known, credential, challenge, site) if known is not None else None
        if known is None or count is None:
            return None

        def enter(connection: Connection, now: float) -> str | None:
            at = datetime.fromtimestamp(now, UTC)
            operator = operators.by_id(connection, known.operator_id)
            if operator is None or not _is_first_use(connection, challenge, at):
                return None
            used = {"sign_count": count, "used_at": at}
            connection.execute(update(inbox_passkey).where(is_it).values(used))
            return operators.open_session(connection, operator, at)

        return await self.database.submit(Transaction(enter))

    async def all(self, operator: Operator) -> Sequence[JsonObject]:
        """Return the passkeys of an operator, the oldest first."""
        return await self.database.reader.run(lambda c, _: _of(c, operator))

    async def remove(self, operator: Operator, passkey_id: str) -> None:
        """Let nobody sign in by a passkey of an operator any more."""
        of = inbox_passkey.c
        gone = delete(inbox_passkey).where(of.id == passkey_id, of.operator_id == operator.id)
        await self.database.submit(Transaction(lambda c, _: c.execute(gone)))

    async def _challenge(self) -> bytes:
        """Return random bytes that say when they were made, so that none have to be stored."""
        secret = await self._secret()
        at = int(self.clock().timestamp()).to_bytes(TIME_BYTES, "big")
        made = at + secrets.token_bytes(RANDOM_BYTES)
        return made + hmac.digest(secret, made, "sha256")

    async def _required(self, credential: JsonObject) -> bytes:
        """Return the challenge that a browser answers. Raise AccessRefused if it is not ours."""
        try:
            said = credential["response"]["clientDataJSON"]
            data = json.loads(base64url.decode(said))
            challenge = base64url.decode(data["challenge"])
        except (KeyError, TypeError, ValueError):
            raise AccessRefused(422, "The browser sent no passkey.") from None
        made, tag = challenge[:-TAG_BYTES], challenge[-TAG_BYTES:]
        at = int.from_bytes(made[:TIME_BYTES], "big")
        age = self.clock().timestamp() - at
        is_ours = hmac.compare_digest(tag, hmac.digest(await self._secret(), made, "sha256"))
        if not is_ours or not -1 <= age <= CHALLENGE_VALID.total_seconds():
            raise AccessRefused(422, "That took too long. Try again.")
        return challenge

    async def _secret(self) -> bytes:
        make = partial(secrets.token_hex, SECRET_BYTES)
        return bytes.fromhex(await KeyValueStore(self.database).made_once(STORED_AS, make))


def _require_possible() -> None:
    if not are_possible():
        raise AccessRefused(409, "This bot has no passkeys: install the extra `inbox`.")


def _verified(known: Any, credential: JsonObject, challenge: bytes, site: Site) -> int | None:
    """Return the new number of signatures; None if this is not a signature of the passkey."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return found.new_sign_count


def _is_first_use(connection: Connection, challenge: bytes, at: datetime) -> bool:
    """Note that a challenge was answered; return whether it was the first time."""
    return operators.use_once(connection, challenge.hex(), at, CHALLENGE_VALID)


def _of(connection: Connection, operator: Operator) -> list[JsonObject]:
    of = inbox_passkey.c
    query = select(of.id, of.name, of.created_at, of.used_at).order_by(of.created_at)
    rows = connection.execute(query.where(of.operator_id == operator.id))
    return [
        {
            "id": one.id,
            "name": one.name,
            "created_at": one.created_at.isoformat(),
            "used_at": one.used_at.isoformat() if one.used_at else None,
        }
        for one in rows
    ]
