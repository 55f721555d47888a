"""The grid: a page where a person reads and edits the cells of a base, as in Airtable."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from emulator.airtable.errors import AirtableRefusal
from emulator.airtable.tables import Table
from emulator.airtable.workspace import Workspace
from emulator.refusals import Handler, explained, object_of

PAGES = Path(__file__).with_name("pages")
POLICY = "default-src 'self'; img-src 'self' data:"
HEADERS = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
#: Newest records shown of a table.
MAX_SHOWN_RECORDS = 500
PERSON = "client"


def grid_routes(workspace: Workspace) -> list[BaseRoute]:
    grid = _Grid(workspace)
    records = "/emulator/airtable/{table}/records"
    return [
        Route("/airtable", grid.page),
        Mount("/airtable-pages", StaticFiles(directory=PAGES)),
        Route("/emulator/airtable", grid.tables),
        Route(records, _refusing(grid.records), methods=["GET"]),
        Route(records, _refusing(grid.add), methods=["POST"]),
        Route(f"{records}/{{record}}", _refusing(grid.edit), methods=["PATCH"]),
        Route(f"{records}/{{record}}", _refusing(grid.delete), methods=["DELETE"]),
    ]


def _refusing(handle: Handler) -> Handler:
    """Answer what Airtable refuses with its status and {"error": its text}."""

    @explained
    async def answer(request: Request) -> Response:
        try:
            return await handle(request)
        except AirtableRefusal as refusal:
            text = refusal.message or "There is no such record."
            return JSONResponse({"error": text}, status_code=refusal.status)

    return answer


class _Grid:
    def __init__(self, workspace: Workspace) -> None:
        self._base_id = workspace.config.base_id
        self._bases = workspace.bases
        self._limits = workspace.limits

    async def page(self, request: Request) -> Response:
        return FileResponse(PAGES / "grid.html", headers=HEADERS)

    async def tables(self, request: Request) -> Response:
        shown = [one.shown() for one in self._bases.tables(self._base_id)]
        limits = self._limits
        return JSONResponse(
            {
                "base": self._base_id,
                "tables": shown,
                "busiest_second": limits.busiest,
                "refused": limits.refused,
            }
        )

    async def records(self, request: Request) -> Response:
        """Cells by the id of their field."""
        records = list(self._table(request).records.values())[-MAX_SHOWN_RECORDS:]
        shown = [{"id": one.id, "cells": one.cells, "at": one.changed_at} for one in records]
        return JSONResponse({"records": shown})

    async def add(self, request: Request) -> Response:
        """A record with these cells, by field."""
        table = self._table(request)
        cells = table.read(await object_of(request), typecast=True)
        made = self._bases.create(self._base_id, table, cells, PERSON)
        return JSONResponse({"id": made.id})

    async def edit(self, request: Request) -> Response:
        """Other values of some cells, by field; null empties one."""
        table = self._table(request)
        record = table.record(request.path_params["record"])
        cells = table.read(await object_of(request), typecast=True)
        self._bases.update(self._base_id, table, record, cells, PERSON)
        return JSONResponse({"id": record.id, "cells": record.cells})

    async def delete(self, request: Request) -> Response:
        table = self._table(request)
        record = table.record(request.path_params["record"])
        self._bases.delete(self._base_id, table, record, PERSON)
        return JSONResponse({})

    def _table(self, request: Request) -> Table:
        return self._bases.table(self._base_id, request.path_params["table"])
