"""`watch.py airtable init` creates the operators' base, or what is missing in it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app.composition.database import migrated_engine
from app.composition.operator_base import tables_of
from app.doctor.airtable import TOKENS, remedy
from config.env import SettingsError, load_database_url, load_part
from features.airtable.base_setup import complete
from features.airtable.field_ids import FieldIds, SchemaDiff, diff_schema
from features.airtable.settings import AirtableAccess
from features.airtable.sync import ids_name
from services.airtable_service import AirtableService
from services.clients.airtable.errors import AirtableError
from services.operator_tables import TableSchema
from storage.engine.database import DatabaseError
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import KeyValueStore

BASE_NAME = "WhatsApp bot"


def init(base_id: str | None, workspace: str | None, *, asks: bool) -> int:
    """Create the tables and fields that are missing; returns the exit code.

    The base is `base_id`, or a new one in `workspace`, or that of AIRTABLE_BASE_ID. `asks` shows
    the changes and waits for a yes; a new base needs none.
    """
    try:
        return asyncio.run(_init(base_id, workspace, asks=asks))
    except (SettingsError, DatabaseError) as error:
        print(error, file=sys.stderr)
    except AirtableError as error:
        print(f"{error}\n{remedy(error)}".strip(), file=sys.stderr)
    return 1


async def _init(base_id: str | None, workspace: str | None, *, asks: bool) -> int:
    access = load_part(AirtableAccess)
    if access.airtable_api_key is None:
        raise SettingsError([f"AIRTABLE_API_KEY is not set: make a token at {TOKENS}"])
    token, url = access.airtable_api_key.get_secret_value(), access.airtable_api_url
    schemas = tables_of(with_messages=access.shows_messages)
    base_id = base_id or access.airtable_base_id
    if workspace:
        async with _service(token, "", url) as airtable:
            tables = [schema.body() for schema in schemas]
            base_id = await airtable.create_base(workspace, BASE_NAME, tables)
        print(f"Created a base. Put this into .env:\n\n  AIRTABLE_BASE_ID={base_id}\n")
    if not base_id:
        raise SettingsError(["AIRTABLE_BASE_ID: which base? Or: airtable init --workspace wsp..."])
    async with _service(token, base_id, url) as airtable, _database() as database:
        store = KeyValueStore(database)
        return await _complete(airtable, store, schemas, asks=asks and not workspace)


async def _complete(
    airtable: AirtableService,
    store: KeyValueStore,
    schemas: Sequence[TableSchema],
    *,
    asks: bool,
) -> int:
    name = ids_name(airtable.base_id)
    known = FieldIds(await store.get(name) or {})
    _, difference = diff_schema(await airtable.tables(), known, schemas)
    _show(difference)
    if difference and asks:
        answer = await asyncio.to_thread(input, "Create them? [y/N] ")
        if answer.strip().lower() != "y":
            return 1
    ids = (await complete(airtable, known, schemas)).ids
    await store.put(name, ids)
    print("The base has everything that the bot needs.")
    return 0


def _show(difference: SchemaDiff) -> None:
    for line in difference.lines():
        print(f"  {line}")
    if not difference:
        print("Nothing is missing.")


@asynccontextmanager
async def _service(token: str, base_id: str, url: str) -> AsyncIterator[AirtableService]:
    airtable = AirtableService(token, base_id, base_url=url)
    try:
        yield airtable
    finally:
        airtable.close()


@asynccontextmanager
async def _database() -> AsyncIterator[GroupCommit]:
    database = GroupCommit(migrated_engine(load_database_url()))
    try:
        yield database
    finally:
        await database.close()
