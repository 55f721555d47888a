"""Tells the browsers of operators that somebody waits while the inbox is closed (Web Push, VAPID).

A message has no content: the browser asks the bot what there is, with its own session. So push
services learn nothing of people, and no encryption is needed but the signature of RFC 8292.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from loguru import logger
from sqlalchemy import Connection, delete, select

from domain.domain_event import DomainEvent
from features.inbox import base64url
from features.inbox.conversation import ActRefused
from features.inbox.operators import Operator, in_use
from features.inbox.reading import count_waiting_for
from features.inbox.tables import mentions
from features.inbox.tables.operators import HERE, inbox_operator
from features.inbox.tables.pushes import inbox_push
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.retry import INTERACTIVE
from jobs.spec import EmptyBody, HandledJob, JobSpec, Pool, WorkerProfile
from services.conversations.decisions import Decisions
from storage.engine.database import insert
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.key_value import KeyValueStore
from utils.secret_hash import hash_of

#: Hosts of the browsers' push services, or the ends of their names: the bot asks no other.
SERVICES = (
    "fcm.googleapis.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
#: Name under which the key that signs is stored.
STORED_AS = "inbox:push_key"
#: Time for which a signature is good, and for which a service keeps what it cannot deliver.
SIGNED_FOR, KEPT_FOR = timedelta(hours=12), timedelta(hours=1)
#: Most browsers of one operator.
MAX_BROWSERS = 10
#: Answers that say that a browser wants no more messages.
GONE = (404, 410)

#: The event that is pushed: its subject, and what happened to it.
ASKED = ("handoff", "opened")

PUSHES = Pool("push", WorkerProfile("pushes", max_lanes=2, stop_order=4))
PUSH = JobSpec("push", EmptyBody, pool=PUSHES, retry=INTERACTIVE)


def push_job(key: str) -> NewJob:
    """Return a job that tells operators; the same key tells them once."""
    return PUSH.new(PUSHES.lane("operators"), EmptyBody(), key=f"push:{key}")


class WaitingListener:
    """Has operators told of somebody who asks for a person."""

    def wants(self, event_type: str) -> bool:
        """Return whether events of this type are heard."""
        return event_type.partition(".")[::2] == ASKED

    def heard(self, event: DomainEvent) -> Decisions:
        """Decide to tell operators."""
        return Decisions(jobs=(push_job(hash_of(event.id)),))


@dataclass(frozen=True, slots=True)
class Pushes:
    """Keeps the browsers of operators, and tells them."""

    database: GroupCommit
    http: httpx.AsyncClient
    clock: Callable[[], datetime]
    #: Whom push services can ask, as "mailto:" or an address of a page; None: nothing is pushed.
    contact: str | None

    @property
    def is_on(self) -> bool:
        """Return whether browsers can be told."""
        return self.contact is not None

    def jobs(self) -> Sequence[HandledJob]:
        """Return the jobs that tell browsers."""
        return (PUSH.handled_by(self.tell),) if self.is_on else ()

    async def public_key(self) -> str | None:
        """Return the key that browsers ask for, in base64url; None if nothing is pushed."""
        return _public(await self._private()) if self.is_on else None

    async def add(self, operator: Operator, endpoint: str) -> None:
        """Tell a browser of an operator from now on. Raise ActRefused."""
        if not is_service(endpoint):
            raise ActRefused("The bot does not know the push service of this browser.")

        def store(connection: Connection, now: float) -> bool:
            of = inbox_push.c
            known = select(of.id).where(of.operator_id == operator.id)
            if len(connection.execute(known).all()) >= MAX_BROWSERS:
                return False
            row = {"id": hash_of(endpoint), "endpoint": endpoint}
            values = {"operator_id": operator.id, "created_at": datetime.fromtimestamp(now, UTC)}
            new = insert(connection, inbox_push).values(**row, **values)
            connection.execute(new.on_conflict_do_update(index_elements=[of.id], set_=values))
            return True

        if not await self.database.submit(Transaction(store)):
            raise ActRefused(f"You are told in {MAX_BROWSERS} browsers already.")

    async def remove(self, endpoint: str) -> None:
        """Tell a browser nothing more."""
        gone = delete(inbox_push).where(inbox_push.c.id == hash_of(endpoint))
        await self.database.submit(Transaction(lambda c, _: c.execute(gone)))

    async def tell(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Tell the browsers of operators for whom somebody waits, and whose page is closed."""
        now = self.clock()
        endpoints = await self.database.reader.run(lambda c, _: _to_tell(c, now))
        for endpoint in endpoints:
            await self._send(endpoint)
        return Outcome()

    async def _send(self, endpoint: str) -> None:
        headers = {
            "Authorization": await self._signature(endpoint),
            "TTL": str(int(KEPT_FOR.total_seconds())),
            "Urgency": "high",
            "Topic": "inbox",
            "Content-Length": "0",
        }
        try:
            answer = await self.http.post(endpoint, headers=headers)
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            logger.warning("inbox: a push service cannot be reached: {}", type(error).__name__)
            return
        if answer.status_code in GONE:
            await self.remove(endpoint)
        elif answer.status_code >= 300:
            logger.warning("inbox: a push service answered {}", answer.status_code)

    async def _signature(self, endpoint: str) -> str:
        key = await self._private()
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((self.clock() + SIGNED_FOR).timestamp()),
            "sub": self.contact,
        }
        return f"vapid t={_signed(claims, key)}, k={_public(key)}"

    async def _private(self) -> Any:
        """Return the key that signs; it is made once."""
        from cryptography.hazmat.primitives.asymmetric import ec

        def make() -> str:
            key = ec.generate_private_key(ec.SECP256R1())
            return f"{key.private_numbers().private_value:064x}"

        number = await KeyValueStore(self.database).made_once(STORED_AS, make)
        return ec.derive_private_key(int(number, 16), ec.SECP256R1())


def is_service(endpoint: str) -> bool:
    """Return whether an address is one of a browser's push service: nothing else is asked."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    is_known = any(host == one or (one.startswith(".") and host.endswith(one)) for one in SERVICES)
    return parts.scheme == "https" and parts.port in (None, 443) and is_known


def _to_tell(connection: Connection, now: datetime) -> Sequence[str]:
    of, row = inbox_push.c, inbox_operator.c
    is_here = select(row.id).where(row.seen_at > now - HERE)
    rows = connection.execute(
        select(of.operator_id, of.endpoint).where(of.operator_id.not_in(is_here))
    )
    known = {one.id: one for one in in_use(connection)}
    wanted = {
        id_: count_waiting_for(connection, one) + mentions.count_new(connection, id_)
        for id_, one in known.items()
    }
    return [endpoint for id_, endpoint in rows if wanted.get(id_) and not known[id_].is_away]


def _public(key: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64url.encode(point)


def _signed(claims: dict[str, Any], key: Any) -> str:
    """Return a token (JWT) with an ES256 signature."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    head = {"typ": "JWT", "alg": "ES256"}
    content = ".".join(base64url.encode(json.dumps(one).encode()) for one in (head, claims))
    first, second = decode_dss_signature(key.sign(content.encode(), ec.ECDSA(SHA256())))
    return f"{content}.{base64url.encode(first.to_bytes(32, 'big') + second.to_bytes(32, 'big'))}"
