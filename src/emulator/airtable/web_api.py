"""The endpoints of api.airtable.com that a bot calls: those of records, and all together."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.airtable.base_api import Endpoint, Endpoints, base_endpoints
from emulator.airtable.errors import AirtableRefusal, invalid, no_such_model
from emulator.airtable.formula import parse
from emulator.airtable.tables import Record, Table
from emulator.airtable.uploads import uploaded
from emulator.airtable.workspace import Workspace
from emulator.json import JsonObject

#: Records in one write, and records in one page.
MAX_WRITTEN_RECORDS = 10
MAX_PAGE_RECORDS = 100
#: Lifetime of an offset; Airtable says only that it ends.
OFFSET_SECONDS = 600

API = "publicApi"


def web_routes(workspace: Workspace) -> list[Route]:
    """Everything under /v0/."""
    api = _WebApi(workspace)
    endpoints: list[tuple[str, Endpoints]] = [
        *base_endpoints(workspace),
        ("{base}/{record}/{field}/uploadAttachment", {"POST": api.upload}),
        ("{base}/{table}/listRecords", {"POST": api.list_by_post}),
        (
            "{base}/{table}",
            {
                "GET": api.list_records,
                "POST": api.create,
                "PATCH": api.update,
                "PUT": api.update,
                "DELETE": api.delete_many,
            },
        ),
        (
            "{base}/{table}/{record}",
            {"GET": api.get, "PATCH": api.update_one, "DELETE": api.delete},
        ),
    ]
    return [
        Route(f"/v0/{path}", api.guarded(endpoint), methods=[method])
        for path, methods in endpoints
        for method, endpoint in methods.items()
    ]


class _WebApi:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._bases = workspace.bases
        self._bearer = f"Bearer {workspace.config.token}".encode()

    def guarded(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Check token and limits, and answer refusals as Airtable does."""

        async def answer(request: Request) -> Response:
            try:
                given = request.headers.get("authorization", "").encode()
                if not hmac.compare_digest(given, self._bearer):
                    raise AirtableRefusal(401, "AUTHENTICATION_REQUIRED", "Authentication required")
                await self._workspace.trouble.meet()
                self._workspace.limits.admit(request.path_params.get("base", ""))
                return JSONResponse(await endpoint(request, await _body(request)))
            except AirtableRefusal as refusal:
                return JSONResponse(refusal.envelope(), refusal.status)

        return answer

    async def list_records(self, request: Request, body: JsonObject) -> JsonObject:
        asked = request.query_params
        fields = asked.getlist("fields[]") or asked.getlist("fields")
        return self._listed(request, {**asked, "fields": fields})

    async def list_by_post(self, request: Request, body: JsonObject) -> JsonObject:
        return self._listed(request, body)

    async def get(self, request: Request, body: JsonObject) -> JsonObject:
        table = self._table(request)
        record = table.record(request.path_params["record"])
        return _shown(table, record, by_id=_by_id(request.query_params))

    async def create(self, request: Request, body: JsonObject) -> JsonObject:
        table, base_id = self._table(request), request.path_params["base"]
        given = [body] if "fields" in body else _some(body.get("records"))
        typecast = bool(body.get("typecast"))
        read = [table.read(one.get("fields") or {}, typecast=typecast) for one in given]
        made = [self._bases.create(base_id, table, cells, API) for cells in read]
        shown = [_shown(table, one, by_id=_by_id(body)) for one in made]
        return shown[0] if "fields" in body else {"records": shown}

    async def update_one(self, request: Request, body: JsonObject) -> JsonObject:
        table, base_id = self._table(request), request.path_params["base"]
        record = table.record(request.path_params["record"])
        cells = table.read(body.get("fields") or {}, typecast=bool(body.get("typecast")))
        self._bases.update(base_id, table, record, cells, API)
        return _shown(table, record, by_id=_by_id(body))

    async def update(self, request: Request, body: JsonObject) -> JsonObject:
        """Several records, by id or by what they hold in some fields (an upsert)."""
        table, base_id = self._table(request), request.path_params["base"]
        typecast, merged_on = bool(body.get("typecast")), _merged_on(table, body)
        planned: list[tuple[Record | None, JsonObject]] = []
        for one in _some(body.get("records")):
            cells = table.read(one.get("fields") or {}, typecast=typecast)
            if "id" in one:
                planned.append((table.record(one["id"]), cells))
            elif merged_on:
                planned.append((_match(table, cells, merged_on), cells))
            else:
                raise invalid("INVALID_RECORDS", "Each record needs an id")
        created, updated, records = [], [], []
        for record, cells in planned:
            if record is None:
                record = self._bases.create(base_id, table, cells, API)
                created.append(record.id)
            else:
                self._bases.update(base_id, table, record, cells, API)
                updated.append(record.id)
            records.append(_shown(table, record, by_id=_by_id(body)))
        answer: JsonObject = {"records": records}
        if merged_on:
            answer |= {"createdRecords": created, "updatedRecords": updated}
        return answer

    async def upload(self, request: Request, body: JsonObject) -> JsonObject:
        """Add a file to a cell: https://airtable.com/developers/web/api/upload-attachment"""
        base_id, record_id = request.path_params["base"], request.path_params["record"]
        tables = self._bases.tables(base_id)
        table = next((one for one in tables if record_id in one.records), None)
        if table is None:
            raise no_such_model()
        record, field = table.record(record_id), table.field(request.path_params["field"])
        added = uploaded(field, body)
        cells = {field.id: [*record.cells.get(field.id, ()), added]}
        self._bases.update(base_id, table, record, cells, API)
        return _shown(table, record, by_id=True)

    async def delete(self, request: Request, body: JsonObject) -> JsonObject:
        return self._delete(request, request.path_params["record"])

    async def delete_many(self, request: Request, body: JsonObject) -> JsonObject:
        ids = request.query_params.getlist("records[]")
        return {"records": [self._delete(request, one) for one in _some(ids)]}

    def _delete(self, request: Request, record_id: str) -> JsonObject:
        table = self._table(request)
        record = table.record(record_id)
        self._bases.delete(request.path_params["base"], table, record, API)
        return {"id": record_id, "deleted": True}

    def _listed(self, request: Request, asked: Mapping[str, Any]) -> JsonObject:
        table = self._table(request)
        records = list(table.records.values())
        if formula := asked.get("filterByFormula"):
            holds = parse(str(formula))
            records = [one for one in records if holds(table.row(one))]
        if most := asked.get("maxRecords"):
            records = records[: int(most)]
        size = min(int(asked.get("pageSize") or MAX_PAGE_RECORDS), MAX_PAGE_RECORDS)
        now = self._workspace.clock()
        start = _start(str(asked["offset"]), now) if asked.get("offset") else 0
        wanted = {table.field(str(one)).id for one in asked.get("fields") or []}
        page = records[start : start + size]
        by_id = _by_id(asked)
        answer: JsonObject = {
            "records": [_shown(table, one, by_id=by_id, only=wanted) for one in page]
        }
        if start + size < len(records):
            answer["offset"] = f"itr{table.id}/{int(now)}/{start + size}"
        return answer

    def _table(self, request: Request) -> Table:
        return self._bases.table(request.path_params["base"], request.path_params["table"])


def _start(offset: str, now: float) -> int:
    _, since, start = offset.split("/")
    if now - int(since) > OFFSET_SECONDS:
        raise invalid("LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "The offset is too old.")
    return int(start)


async def _body(request: Request) -> JsonObject:
    raw = await request.body()
    try:
        given = json.loads(raw or b"{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise invalid("INVALID_REQUEST_BODY", "Could not parse request body")
    return given


def _some(records: Any) -> list[Any]:
    if not isinstance(records, list) or not 1 <= len(records) <= MAX_WRITTEN_RECORDS:
        raise invalid("INVALID_RECORDS", f"A request has 1 to {MAX_WRITTEN_RECORDS} records")
    return records


def _by_id(asked: Mapping[str, Any]) -> bool:
    return str(asked.get("returnFieldsByFieldId", "")).lower() in ("1", "true")


def _merged_on(table: Table, body: JsonObject) -> list[str]:
    names = (body.get("performUpsert") or {}).get("fieldsToMergeOn") or []
    return [table.field(str(one)).id for one in names]


def _match(table: Table, cells: JsonObject, merged_on: list[str]) -> Record | None:
    found = [
        one
        for one in table.records.values()
        if all(one.cells.get(name) == cells.get(name) for name in merged_on)
    ]
    if len(found) > 1:
        raise invalid(
            "INVALID_VALUE_FOR_COLUMN", "Cannot update more than one record: the key is not unique"
        )
    return found[0] if found else None


def _shown(
    table: Table, record: Record, *, by_id: bool, only: set[str] | None = None
) -> JsonObject:
    names = {one.id: one.id if by_id else one.name for one in table.fields}
    fields = {names[key]: value for key, value in record.cells.items() if not only or key in only}
    return {"id": record.id, "createdTime": record.created_at, "fields": fields}
