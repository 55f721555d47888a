"""The endpoints of api.airtable.com that a bot calls: those of records, and all together."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.airtable.base_api import Endpoint, Endpoints, base_endpoints
from emulator.airtable.comments_api import comment_endpoints
from emulator.airtable.errors import AirtableRefusal, invalid, no_such_model
from emulator.airtable.listing import asked_by, listed, shown
from emulator.airtable.tables import Record, Table
from emulator.airtable.uploads import uploaded
from emulator.airtable.workspace import Workspace
from emulator.json import JsonObject

#: Records in one write.
MAX_WRITTEN_RECORDS = 10
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

API = "publicApi"


def web_routes(workspace: Workspace) -> list[Route]:
    """Everything under /v0/."""
    api = _WebApi(workspace)
    endpoints: list[tuple[str, Endpoints]] = [
        *base_endpoints(workspace),
        *comment_endpoints(workspace),
        ("{base}/{record}/{field}/uploadAttachment", {"POST": api.upload}),
        ("{base}/{table}/listRecords", {"POST": api.list_by_post}),
        (
            "{base}/{table}",
            {
                "GET": api.list_records,
                "POST": api.create,
                "PATCH": api.update,
                "PUT": api.replace,
                "DELETE": api.delete_many,
            },
        ),
        (
            "{base}/{table}/{record}",
            {
                "GET": api.get,
                "PATCH": api.update_one,
                "PUT": api.replace_one,
                "DELETE": api.delete,
            },
        ),
    ]
    routes = [
        Route(f"/v0/{path}{end}", api.guarded(endpoint), methods=[method])
        for path, methods in endpoints
        for method, endpoint in methods.items()
        for end in ("", "/")  # airtable.js writes to addresses that end with a slash
    ]
    return [*routes, Route("/{path:path}", api.guarded(api.nothing), methods=METHODS)]


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
                return JSONResponse(await _answer(endpoint, request))
            except AirtableRefusal as refusal:
                return JSONResponse(refusal.envelope(), refusal.status)

        return answer

    async def nothing(self, request: Request, body: JsonObject) -> JsonObject:
        raise AirtableRefusal(404, "NOT_FOUND")

    async def list_records(self, request: Request, body: JsonObject) -> JsonObject:
        asked = asked_by(request.query_params)
        return listed(self._table(request), asked, self._workspace.clock())

    async def list_by_post(self, request: Request, body: JsonObject) -> JsonObject:
        return listed(self._table(request), body, self._workspace.clock())

    async def get(self, request: Request, body: JsonObject) -> JsonObject:
        table = self._table(request)
        record = table.record(request.path_params["record"])
        return shown(table, record, dict(request.query_params))

    async def create(self, request: Request, body: JsonObject) -> JsonObject:
        table, base_id = self._table(request), request.path_params["base"]
        given = [body] if "fields" in body else _some(body.get("records"))
        typecast = bool(body.get("typecast"))
        read = [table.read(one.get("fields") or {}, typecast=typecast) for one in given]
        made = [self._bases.create(base_id, table, cells, API) for cells in read]
        records = [shown(table, one, body) for one in made]
        return records[0] if "fields" in body else {"records": records}

    async def update_one(self, request: Request, body: JsonObject) -> JsonObject:
        table, base_id = self._table(request), request.path_params["base"]
        record = table.record(request.path_params["record"])
        cells = table.read(body.get("fields") or {}, typecast=bool(body.get("typecast")))
        self._bases.update(base_id, table, record, cells, API)
        return shown(table, record, body)

    async def replace_one(self, request: Request, body: JsonObject) -> JsonObject:
        """The same; cells that are not given are emptied."""
        whole = _whole(self._table(request), body.get("fields") or {})
        return await self.update_one(request, {**body, "fields": whole})

    async def replace(self, request: Request, body: JsonObject) -> JsonObject:
        """Several records, of which cells that are not given are emptied."""
        table = self._table(request)
        whole = [
            {**one, "fields": _whole(table, one.get("fields") or {})}
            for one in _some(body.get("records"))
        ]
        return await self.update(request, {**body, "records": whole})

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
            records.append(shown(table, record, body))
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
        return shown(table, record, {"returnFieldsByFieldId": True})

    async def delete(self, request: Request, body: JsonObject) -> JsonObject:
        return self._delete(request, request.path_params["record"])

    async def delete_many(self, request: Request, body: JsonObject) -> JsonObject:
        given = request.query_params  # airtable-python-wrapper leaves out the brackets
        ids = given.getlist("records[]") or given.getlist("records")
        return {"records": [self._delete(request, one) for one in _some(ids)]}

    def _delete(self, request: Request, record_id: str) -> JsonObject:
        table = self._table(request)
        record = table.record(record_id)
        self._bases.delete(request.path_params["base"], table, record, API)
        return {"id": record_id, "deleted": True}

    def _table(self, request: Request) -> Table:
        return self._bases.table(request.path_params["base"], request.path_params["table"])


async def _answer(endpoint: Endpoint, request: Request) -> JsonObject:
    body = await _body(request)
    try:
        return await endpoint(request, body)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        text = "Invalid request: parameter validation failed. Check your request data."
        raise invalid("INVALID_REQUEST_UNKNOWN", text) from error


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


def _whole(table: Table, given: JsonObject) -> JsonObject:
    """Return cells in which each field of a table is given, by its id; None empties one."""
    return {one.id: None for one in table.fields} | {
        table.field(name).id: value for name, value in given.items()
    }


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
