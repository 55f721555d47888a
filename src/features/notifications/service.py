"""Accepts, previews and retries notifications."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, Self

from sqlalchemy import Connection

from features.bulk.pace import PAGE, pause_after
from features.notifications.acceptance import (
    Batch,
    Conflict,
    StoredResponse,
    earlier,
    store,
    with_conflict,
)
from features.notifications.api_keys import Caller
from features.notifications.checks import CheckedItem, check_items
from features.notifications.conflicts import (
    RETRYABLE,
    conflict_problem,
    key_missing,
    not_retryable,
)
from features.notifications.items import ReadItem, read_items
from features.notifications.lookup import KnownFacts, TemplatesNamed, accepted_since, look_up
from features.notifications.previews import dry_run_of
from features.notifications.problems import ApiError, Code, Problem, not_found
from features.notifications.reading import find_row, restored
from features.notifications.schema import (
    DryRunResult,
    Item,
    NotificationRequest,
    OnError,
)
from features.notifications.settings import NotificationSettings
from features.notifications.templates import templates_named
from features.templates.model import Template
from jobs.job_queue import JobQueue
from services.clients.cloud_api.client import CloudApi
from storage.engine.group_commit import GroupCommit
from utils.digest import digest


class ServiceParts(Protocol):
    """What notifications need of a bot, or of a script that works with the bot's database."""

    @property
    def settings_of(self) -> Callable[[type[Any]], Any]: ...
    @property
    def database(self) -> GroupCommit: ...
    @property
    def queue(self) -> JobQueue: ...
    @property
    def cloud_api(self) -> CloudApi: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def phone_number_id(self) -> str: ...
    @property
    def business_account_id(self) -> str | None: ...
    @property
    def messages_per_second(self) -> float: ...
    @property
    def default_language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class NotificationService:
    """What the API does with notifications."""

    database: GroupCommit
    queue: JobQueue
    settings: NotificationSettings
    templates_named: TemplatesNamed
    phone_number_id: str
    per_second: float
    language: str
    clock: Callable[[], datetime]

    @classmethod
    def of(cls, parts: ServiceParts) -> Self:
        """Return the service over the database of these parts."""
        return cls(
            parts.database,
            parts.queue,
            parts.settings_of(NotificationSettings),
            # Without WP_BID no template is known.
            partial(templates_named, parts.business_account_id or ""),
            phone_number_id=parts.phone_number_id,
            per_second=parts.messages_per_second,
            language=parts.default_language,
            clock=parts.clock,
        )

    async def preview(self, caller: Caller, request: NotificationRequest) -> DryRunResult:
        """Check all items, and show what each person would read."""
        self._require_sender(request)
        items, known = await self._read(caller, request)
        checked = await self._checked(items, known)
        return await asyncio.to_thread(dry_run_of, checked)

    async def template_of(self, caller: Caller, item: Item) -> Template:
        """Return the template as which an item would be sent, whatever fills it. Raise ApiError."""
        items, known = await self._read(caller, NotificationRequest(items=[item]))
        [checked] = await self._checked(items, known)
        if checked.template is None:
            raise ApiError(422, *checked.problems)
        return checked.template

    async def accept(
        self,
        caller: Caller,
        request: NotificationRequest,
        idempotency_key: str | None,
        *,
        needs_key: bool = True,
    ) -> StoredResponse:
        """Store the items to be sent; a repeated request gets the first answer. Raise ApiError.

        `needs_key`: several items need a key; a caller that gets every answer may do without.
        """
        self._require_sender(request)
        if needs_key and idempotency_key is None and len(request.items) > 1:
            raise ApiError(400, key_missing())
        fingerprint = fingerprint_of(request)
        before = await self.database.reader.run(
            lambda c, _: earlier(c, caller.tenant, idempotency_key, fingerprint)
        )
        if isinstance(before, Conflict):
            raise ApiError(422, conflict_problem(before))
        if before is not None:
            return before
        items, known = await self._read(caller, request)
        checked = await self._checked(items, known)
        await self._require_budget(caller, len(checked))
        batch = Batch(
            caller.tenant,
            checked,
            fingerprint,
            idempotency_key,
            page_pause=pause_after(PAGE, self.per_second),
            source=caller.source,
        )
        return await self._store(batch, request.on_error)

    async def retry(self, caller: Caller, id_: str) -> StoredResponse:
        """Send a notification again that was not delivered, under a new id. Raise ApiError."""
        found = await self.database.reader.run(
            lambda c, _: find_row(c, caller.tenant, id_, self.clock())
        )
        if found is None:
            raise ApiError(404, not_found())
        row, status = found
        if status not in RETRYABLE or not row.content:
            raise ApiError(409, not_retryable(status))
        read = restored(row)
        known = replace(await self._known(caller, [read]), references=())
        batch = Batch(
            caller.tenant,
            await self._checked([read], known),
            fingerprint="",
            idempotency_key=None,
            page_pause=pause_after(PAGE, self.per_second),
            retry_of=row.id,
        )
        return await self._store(batch, OnError.ALL_OR_NOTHING)

    async def _read(
        self, caller: Caller, request: NotificationRequest
    ) -> tuple[Sequence[ReadItem], KnownFacts]:
        country = self.settings.notifications_country
        items = await asyncio.to_thread(read_items, request, self.clock(), country)
        return items, await self._known(caller, items)

    async def _known(self, caller: Caller, items: Sequence[ReadItem]) -> KnownFacts:
        def read(connection: Connection, _: float) -> KnownFacts:
            return look_up(
                connection,
                items,
                tenant=caller.tenant,
                now=self.clock(),
                templates_named=self.templates_named,
            )

        return await self.database.reader.run(read)

    async def _checked(self, items: Sequence[ReadItem], known: KnownFacts) -> Sequence[CheckedItem]:
        check = partial(check_items, items, known, self.clock(), language=self.language)
        return await asyncio.to_thread(check)

    async def _store(self, batch: Batch, on_error: OnError) -> StoredResponse:
        problems = [problem for one in batch.items for problem in one.problems]
        if problems and on_error is OnError.ALL_OR_NOTHING:
            raise ApiError(422, *problems)
        decided = await self.queue.decide(partial(store, batch=batch))
        if isinstance(decided, StoredResponse):
            return decided
        if not decided.positions:
            raise ApiError(409 if batch.retry_of else 422, conflict_problem(decided))
        items = [with_conflict(one, decided.positions) for one in batch.items]
        return await self._store(replace(batch, items=items), on_error)

    def _require_sender(self, request: NotificationRequest) -> None:
        if request.sender not in (None, self.phone_number_id):
            raise ApiError(
                422,
                Problem(
                    code=Code.SENDER_UNKNOWN,
                    field="from",
                    message="The bot has no phone number of this id.",
                    fix="Leave it out: the bot has one number.",
                ),
            )

    async def _require_budget(self, caller: Caller, count: int) -> None:
        most = self.settings.notifications_per_day
        if not most:
            return
        since = self.clock() - timedelta(days=1)
        accepted = await self.database.reader.run(
            lambda c, _: accepted_since(c, caller.tenant, since)
        )
        if accepted + count > most:
            raise ApiError(
                409,
                Problem(
                    code=Code.BUDGET_SPENT,
                    message=f"No more than {most} notifications are accepted within 24 hours.",
                    fix="Send them tomorrow, or raise NOTIFICATIONS_PER_DAY.",
                ),
            )


def fingerprint_of(request: NotificationRequest) -> str:
    """Return the same text for the same request, and another one for any other request."""
    written = request.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return digest(json.dumps(written, sort_keys=True))
