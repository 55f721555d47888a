"""`watch.py airtable init` creates the operators' base, or what is missing in it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from features.airtable.base_schema import base_tables
from features.airtable.base_setup import complete, table_body
from features.airtable.doctor import TOKENS, remedy
from features.airtable.field_ids import FieldIds, SchemaDiff, diff_schema
from features.airtable.settings import AirtableAccess
from features.airtable.sync import ids_name
from services.airtable_service import AirtableService
from services.clients.airtable.errors import AirtableError
from services.operator_tables import TableSchema
from services.setup import CommandSetup
from storage.tables.key_value import KeyValueStore
from utils.commands import CommandError

BASE_NAME = "WhatsApp bot"
LAPTOP = "For the emulated base of this laptop, start `python3 watch.py` first."


def init(setup: CommandSetup, base_id: str | None, workspace: str | None, *, asks: bool) -> int:
    """Create the tables and fields that are missing; returns the exit code.

    The base is `base_id`, or a new one in `workspace`, or that of AIRTABLE_BASE_ID. `asks` shows
    the changes and waits for a yes; a new base needs none. Raises CommandError.
    """
    try:
        return asyncio.run(_init(setup, base_id, workspace, asks=asks))
    except AirtableError as error:
        raise CommandError(f"{error}\n{remedy(error)}".strip()) from error


async def _init(
    setup: CommandSetup, base_id: str | None, workspace: str | None, *, asks: bool
) -> int:
    access = await setup.settings_here(AirtableAccess)
    if access.airtable_api_key is None:
        raise CommandError(f"AIRTABLE_API_KEY is not set: make a token at {TOKENS}.\n{LAPTOP}")
    token, url = access.airtable_api_key.get_secret_value(), access.airtable_api_url
    schemas = base_tables(setup.schemas, access)
    base_id = base_id or access.airtable_base_id
    if workspace:
        async with _service(token, "", url) as airtable:
            first = [table_body(schemas[0], {})]  # the others link to it, so it comes first
            base_id = await airtable.create_base(workspace, BASE_NAME, first)
        print(f"Created a base. Put this into .env:\n\n  AIRTABLE_BASE_ID={base_id}\n")
    if not base_id:
        raise CommandError("AIRTABLE_BASE_ID: which base? Or: airtable init --workspace wsp...")
    async with _service(token, base_id, url) as airtable, setup.open_database() as database:
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
    if (difference or difference.descriptions) and asks:
        answer = await asyncio.to_thread(input, "Change the base so? [y/N] ")
        if answer.strip().lower() != "y":
            return 1
    ids = (await complete(airtable, known, schemas)).ids
    await store.put(name, ids)
    print("The base has everything that the bot needs.")
    return 0


def _show(difference: SchemaDiff) -> None:
    for line in difference.lines():
        print(f"  {line}")
    if not (difference or difference.descriptions):
        print("Nothing is missing.")


@asynccontextmanager
async def _service(token: str, base_id: str, url: str) -> AsyncIterator[AirtableService]:
    airtable = AirtableService(token, base_id, base_url=url)
    try:
        yield airtable
    finally:
        airtable.close()
