"""Airtable's Web API, through pyairtable in threads: its calls block."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from domain.json import JsonObject
from services.clients.airtable import errors
from services.clients.airtable.rate_limiter import AirtableRateLimiter
from storage.engine.group_commit import GroupCommit
from utils.digest import digest

Answer = TypeVar("Answer")

#: Address of Airtable's Web API, without a version.
AIRTABLE_URL = "https://api.airtable.com"
#: Most records in one write (Airtable's limit).
MAX_BATCH_RECORDS = 10
#: Longest wait for a connection, and for an answer, in seconds.
TIMEOUT_SECONDS = (3, 30)
#: Sources of changes that a webhook reports: all but programs, since those changes are ours.
WATCHED_SOURCES = (
    "client",
    "anonymousUser",
    "formSubmission",
    "formPageSubmission",
    "automation",
    "sync",
)


#: Field that only registered people have.
REGISTERED = "Registered at"


class AirtableService:
    """Reads and writes one base. Every method makes one request and raises AirtableError.

    Tables and fields may be given by id or by name; answers have the ids of fields.
    """

    def __init__(
        self,
        api_key: str,
        base_id: str,
        *,
        base_url: str = AIRTABLE_URL,
        database: GroupCommit | None = None,
        timeout: tuple[float, float] = TIMEOUT_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        from pyairtable import Api  # takes 0.2 s to import, for bots with a base only

        self.base_id = base_id
        # No retries inside: they would bypass the rate limiter, and jobs are retried anyway.
        self._api = Api(
            api_key,
            timeout=timeout,  # type: ignore[arg-type] # requests takes fractions of seconds
            retry_strategy=None,
            endpoint_url=base_url,
            use_field_ids=True,
        )
        token_name = digest(api_key, 12)
        self._rate_limiter = AirtableRateLimiter(database, base_id, token_name, sleep=sleep)
        # Airtable takes files at another host; the emulator has one.
        self._content_url = base_url.replace("://api.", "://content.", 1).rstrip("/")
        self._webhooks_url = f"{base_url}/v0/bases/{base_id}/webhooks"

    def close(self) -> None:
        """Close the HTTP connections."""
        self._api.session.close()

    async def get_registered_user(
        self, phone: str, *, table: str = "Contacts", field: str = "Phone"
    ) -> JsonObject | None:
        """Return the record of the registered person with this number; None if there is none.

        `phone` has its country code and is written in any way: "+57 300 123 4567". People who
        wrote and did not register have a record too, which is not returned.
        """
        from pyairtable.formulas import AND, Field, match

        number = "".join(filter(str.isdecimal, phone))
        formula = AND(match({field: f"+{number}"}), Field(REGISTERED))
        query = {"filterByFormula": str(formula), "maxRecords": 1}
        found = await self._request("get", self._records_url(table), params=query)
        return found["records"][0] if found["records"] else None

    async def register_user(
        self, fields: Mapping[str, Any], *, table: str = "Contacts", key_field: str = "Contact"
    ) -> JsonObject:
        """Add a person, or change the record with the same key. Return the record."""
        records = await self.upsert(table, [(None, fields)], key_field=key_field)
        return records[0]

    async def upsert(
        self,
        table: str,
        records: Sequence[tuple[str | None, Mapping[str, Any]]],
        *,
        key_field: str,
    ) -> list[JsonObject]:
        """Add records, or change those with the same id or key: at most 10, all or none of them.

        `records` are pairs of an id, or None where the key decides, and the cells. Returns the
        records in the same order. A select gets the choices that it lacks, such as a language
        that the bot has learnt since the base was made.
        """
        body = {
            "records": [
                {"fields": dict(fields)} | ({"id": record_id} if record_id else {})
                for record_id, fields in records
            ],
            "performUpsert": {"fieldsToMergeOn": [key_field]},
            "returnFieldsByFieldId": True,
            "typecast": True,
        }
        answer = await self._request("patch", self._records_url(table), json=body)
        return list(answer["records"])

    async def update(self, table: str, records: Mapping[str, Mapping[str, Any]]) -> None:
        """Change cells of records by their ids: at most 10 records, all or none of them.

        A select gets the choices that it lacks.
        """
        changed = [{"id": key, "fields": dict(of)} for key, of in records.items()]
        body = {"records": changed, "typecast": True}
        await self._request("patch", self._records_url(table), json=body)

    async def record(self, table: str, record_id: str) -> JsonObject:
        """Return the cells of one record, without the empty ones."""
        url = str(self._api.build_url(self.base_id, table, record_id))
        answer = await self._request("get", url, params={"returnFieldsByFieldId": "1"})
        return dict(answer["fields"])

    async def page(
        self, table: str, *, offset: str | None = None, fields: Iterable[str] = ()
    ) -> tuple[list[JsonObject], str | None]:
        """Return at most 100 records, and the offset of the next page, if there is one."""
        query: JsonObject = {"returnFieldsByFieldId": "1", "fields[]": list(fields)}
        if offset:
            query["offset"] = offset
        answer = await self._request("get", self._records_url(table), params=query)
        return list(answer["records"]), answer.get("offset")

    async def delete(self, table: str, record_ids: Sequence[str]) -> None:
        """Delete records by their ids: at most 10."""
        query = {"records[]": list(record_ids)}
        await self._request("delete", self._records_url(table), params=query)

    async def upload(
        self, record_id: str, field: str, content: bytes, *, filename: str, mime_type: str
    ) -> None:
        """Add a file of up to 5 MB to the attachments in a cell."""
        file = await asyncio.to_thread(base64.b64encode, content)
        body = {"contentType": mime_type, "file": file.decode(), "filename": filename}
        path = f"v0/{self.base_id}/{record_id}/{field}/uploadAttachment"
        await self._request("post", f"{self._content_url}/{path}", json=body)

    async def scopes(self) -> frozenset[str]:
        """Return the scopes of the token."""
        answer = await self._request("get", self._url("meta/whoami"))
        return frozenset(answer.get("scopes", ()))

    async def tables(self) -> list[JsonObject]:
        """Return the schema of the base: tables with their fields."""
        answer = await self._request("get", self._url(f"meta/bases/{self.base_id}/tables"))
        return list(answer["tables"])

    async def create_base(self, workspace_id: str, name: str, tables: Sequence[JsonObject]) -> str:
        """Create a base and return its id."""
        body = {"name": name, "workspaceId": workspace_id, "tables": list(tables)}
        return str((await self._request("post", self._url("meta/bases"), json=body))["id"])

    async def create_table(self, name: str, fields: Sequence[JsonObject]) -> JsonObject:
        """Create a table and return its schema."""
        body = {"name": name, "fields": list(fields)}
        url = self._url(f"meta/bases/{self.base_id}/tables")
        return dict(await self._request("post", url, json=body))

    async def create_field(self, table_id: str, field: JsonObject) -> JsonObject:
        """Add a field to a table and return its schema."""
        url = self._url(f"meta/bases/{self.base_id}/tables/{table_id}/fields")
        return dict(await self._request("post", url, json=field))

    async def describe_field(self, table_id: str, field_id: str, description: str) -> None:
        """Give a field another description."""
        url = self._url(f"meta/bases/{self.base_id}/tables/{table_id}/fields/{field_id}")
        await self._request("patch", url, json={"description": description})

    async def subscribe(self, *, url: str | None, with_cells: Sequence[str] = ()) -> JsonObject:
        """Create a webhook for changes that people make in records. Return its id and secret.

        Without a URL, Airtable sends no notification: poll `changes`. Payloads include the
        cells `with_cells` of a changed record.
        """
        options: JsonObject = {
            "filters": {"dataTypes": ["tableData"], "fromSources": list(WATCHED_SOURCES)}
        }
        if with_cells:
            options["includes"] = {"includeCellValuesInFieldIds": list(with_cells)}
        body = {"notificationUrl": url, "specification": {"options": options}}
        return dict(await self._request("post", self._webhooks_url, json=body))

    async def unsubscribe(self, webhook_id: str) -> None:
        """Delete a webhook."""
        await self._request("delete", f"{self._webhooks_url}/{webhook_id}")

    async def refresh(self, webhook_id: str) -> None:
        """Extend the life of a webhook to 7 days from now."""
        await self._request("post", f"{self._webhooks_url}/{webhook_id}/refresh")

    async def changes(self, webhook_id: str, cursor: int) -> tuple[list[JsonObject], int, bool]:
        """Return payloads of a webhook, the next cursor, and whether there are more."""
        url = f"{self._webhooks_url}/{webhook_id}/payloads"
        answer = await self._request("get", url, params={"cursor": cursor})
        return list(answer["payloads"]), int(answer["cursor"]), bool(answer["mightHaveMore"])

    def _url(self, path: str) -> str:
        return str(self._api.build_url(*path.split("/")))

    def _records_url(self, table: str) -> str:
        return str(self._api.build_url(self.base_id, table))

    async def _request(self, method: str, url: str, **given: Any) -> Any:
        def request() -> Any:
            return self._api.request(method, url, **given)

        async with self._rate_limiter.acquire():
            return await _in_thread(request)


async def _in_thread(request: Callable[[], Answer]) -> Answer:
    import requests

    try:
        return await asyncio.to_thread(request)
    except requests.RequestException as error:
        raise errors.of(error) from error
