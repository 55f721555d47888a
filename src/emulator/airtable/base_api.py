"""What can be asked and told of bases: tables and fields, and who wants to hear of changes."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from emulator.airtable.errors import invalid
from emulator.airtable.tables import new_id
from emulator.airtable.workspace import Workspace
from emulator.json import JsonObject

Endpoint = Callable[[Request, JsonObject], Awaitable[JsonObject]]
#: Endpoints by HTTP method.
Endpoints = dict[str, Endpoint]


def base_endpoints(workspace: Workspace) -> list[tuple[str, Endpoints]]:
    """By path below /v0/."""
    api = _BaseApi(workspace)
    return [
        ("meta/whoami", {"GET": api.whoami}),
        ("meta/bases", {"GET": api.bases, "POST": api.create_base}),
        ("meta/bases/{base}/tables", {"GET": api.schema, "POST": api.create_table}),
        ("meta/bases/{base}/tables/{table}", {"PATCH": api.describe_table}),
        ("meta/bases/{base}/tables/{table}/fields", {"POST": api.create_field}),
        ("meta/bases/{base}/tables/{table}/fields/{field}", {"PATCH": api.describe_field}),
        ("bases/{base}/webhooks", {"GET": api.webhooks, "POST": api.create_webhook}),
        ("bases/{base}/webhooks/{webhook}", {"DELETE": api.delete_webhook}),
        ("bases/{base}/webhooks/{webhook}/payloads", {"GET": api.payloads}),
        ("bases/{base}/webhooks/{webhook}/refresh", {"POST": api.refresh_webhook}),
    ]


class _BaseApi:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._bases = workspace.bases
        self._webhooks = workspace.webhooks

    async def whoami(self, request: Request, body: JsonObject) -> JsonObject:
        return {"id": "usrEmulated000000", "scopes": list(self._workspace.scopes)}

    async def bases(self, request: Request, body: JsonObject) -> JsonObject:
        named = [
            {"id": one, "name": self._bases.name(one), "permissionLevel": "create"}
            for one in self._bases
        ]
        return {"bases": named}

    async def create_base(self, request: Request, body: JsonObject) -> JsonObject:
        base_id, name = new_id("app"), body.get("name")
        if not name or not body.get("workspaceId") or not body.get("tables"):
            text = "name, workspaceId and tables are required"
            raise invalid("INVALID_REQUEST_UNKNOWN", text)
        self._bases.add(base_id, str(name))
        tables = [self._bases.create_table(base_id, one) for one in body["tables"]]
        return {"id": base_id, "tables": [one.shown() for one in tables]}

    async def schema(self, request: Request, body: JsonObject) -> JsonObject:
        tables = self._bases.tables(request.path_params["base"])
        return {"tables": [one.shown() for one in tables]}

    async def create_table(self, request: Request, body: JsonObject) -> JsonObject:
        return self._bases.create_table(request.path_params["base"], body).shown()

    async def create_field(self, request: Request, body: JsonObject) -> JsonObject:
        base_id = request.path_params["base"]
        return self._bases.create_field(
            base_id, self._bases.table(base_id, request.path_params["table"]), body
        ).shown()

    async def describe_table(self, request: Request, body: JsonObject) -> JsonObject:
        base_id = request.path_params["base"]
        table = self._bases.table(base_id, request.path_params["table"])
        self._bases.describe(table, self._bases.tables(base_id), body)
        return table.shown()

    async def describe_field(self, request: Request, body: JsonObject) -> JsonObject:
        asked = request.path_params
        table = self._bases.table(asked["base"], asked["table"])
        field = table.field(asked["field"])
        self._bases.describe(field, table.fields, body)
        return field.shown()

    async def webhooks(self, request: Request, body: JsonObject) -> JsonObject:
        found = self._webhooks.of(request.path_params["base"])
        return {"webhooks": [one.shown() for one in found]}

    async def create_webhook(self, request: Request, body: JsonObject) -> JsonObject:
        return self._webhooks.create(request.path_params["base"], body)

    async def delete_webhook(self, request: Request, body: JsonObject) -> JsonObject:
        self._webhooks.delete(request.path_params["base"], request.path_params["webhook"])
        return {}

    async def refresh_webhook(self, request: Request, body: JsonObject) -> JsonObject:
        return self._webhooks.refresh(request.path_params["base"], request.path_params["webhook"])

    async def payloads(self, request: Request, body: JsonObject) -> JsonObject:
        asked = request.path_params
        cursor = int(request.query_params.get("cursor") or 1)
        return self._webhooks.payloads(asked["base"], asked["webhook"], cursor)
