"""`watch.py airtable init` makes the operators' base; `watch.py airtable doctor` looks at it."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from app.composition.database import migrated_engine
from app.composition.operator_base import tables_of
from config.env import SettingsError, load_database_url, load_part
from features.airtable.base_setup import complete
from features.airtable.field_ids import FieldIds, SchemaDiff, diff_schema
from features.airtable.settings import AirtableAccess
from features.airtable.sync import calls_of_month, ids_name, lane_of
from jobs.maintenance import state_of
from jobs.model import Json
from services.airtable_service import AirtableService
from services.clients.airtable.errors import (
    OVER_QUOTA,
    AirtableError,
    Forbidden,
    Unreachable,
    WrongToken,
)
from services.operator_tables import TableSchema
from storage.engine.database import DatabaseError
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.key_value import KeyValueStore

SCOPES = frozenset(
    {
        "data.records:read",
        "data.records:write",
        "schema.bases:read",
        "schema.bases:write",
        "webhook:manage",
    }
)
#: (what, what is well, what is not)
Check = tuple[str, str, str | None]
TOKENS = "https://airtable.com/create/tokens"
REMEDIES: dict[type[AirtableError], str] = {
    WrongToken: f"The token is not valid: make a new one at {TOKENS} (AIRTABLE_API_KEY).",
    Forbidden: "The token may not use this base, or there is none of this id: add the base to the "
    f"token's access at {TOKENS}, and check AIRTABLE_BASE_ID.",
    Unreachable: "Airtable does not answer: check the network, and status.airtable.com.",
}


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return asyncio.run(_run(options))
    except (SettingsError, DatabaseError) as error:
        print(error, file=sys.stderr)
    except AirtableError as error:
        print(f"{error}\n{remedy(error)}".strip(), file=sys.stderr)
    return 1


def remedy(error: AirtableError) -> str:
    """What to do about it; empty where only time helps."""
    return next((text for kind, text in REMEDIES.items() if isinstance(error, kind)), "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="watch.py airtable", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="make the tables and fields that are missing")
    init.add_argument("--base", help="the base, app...; else AIRTABLE_BASE_ID")
    init.add_argument("--workspace", help="make a new base in this workspace, wsp...")
    init.add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("doctor", help="check token, base and tables")
    return parser


async def _run(options: argparse.Namespace) -> int:
    access = load_part(AirtableAccess)
    if access.airtable_api_key is None:
        raise SettingsError([f"AIRTABLE_API_KEY is not set: make a token at {TOKENS}"])
    token, base_id = access.airtable_api_key.get_secret_value(), access.airtable_base_id
    url = access.airtable_api_url
    plans = tables_of(with_messages=access.shows_messages)
    if options.command == "init" and options.workspace:
        async with _service(token, "", url) as airtable:
            tables = [plan.body() for plan in plans]
            base_id = await airtable.create_base(options.workspace, "WhatsApp bot", tables)
        print(f"Made a base. Put this into .env:\n\n  AIRTABLE_BASE_ID={base_id}\n")
        options.yes = True
    elif options.command == "init":
        base_id = options.base or base_id
    if not base_id:
        raise SettingsError(["AIRTABLE_BASE_ID: which base? Or: airtable init --workspace wsp..."])
    async with _service(token, base_id, url) as airtable, _database() as database:
        kept = KeyValueStore(database)
        known = FieldIds(await kept.get(ids_name(base_id)) or {})
        if options.command == "doctor":
            state = await database.submit(Transaction(lambda c, _: state_of(c, lane_of(base_id))))
            return _tell(await examine(airtable, known, plans, judge_quota(state, access)))
        return await _init(airtable, kept, known, plans, ask=not options.yes)


async def _init(
    airtable: AirtableService,
    kept: KeyValueStore,
    known: FieldIds,
    plans: Sequence[TableSchema],
    *,
    ask: bool,
) -> int:
    _, difference = diff_schema(await airtable.tables(), known, plans)
    _show(difference)
    if difference and ask:
        answer = await asyncio.to_thread(input, "Make them? [y/N] ")
        if answer.strip().lower() != "y":
            return 1
    ids = (await complete(airtable, known, plans)).ids
    await kept.put(ids_name(airtable.base_id), ids)
    print("The base has all that the bot needs.")
    return 0


async def examine(
    airtable: AirtableService, known: FieldIds, plans: Sequence[TableSchema], quota: Check
) -> list[Check]:
    """Raises AirtableError when nothing can be looked at."""
    missing = sorted(SCOPES - await airtable.scopes())
    _, difference = diff_schema(await airtable.tables(), known, plans)
    return [
        ("token", "valid", None),
        ("scopes", "all there", f"add {', '.join(missing)} at {TOKENS}" if missing else None),
        (
            "base",
            "has all tables and fields",
            "; ".join(difference.lines()) + ": run `python3 watch.py airtable init`"
            if difference
            else None,
        ),
        ("by hand", "nothing", "; ".join(difference.by_hand) or None),
        quota,
    ]


def _tell(checks: Sequence[Check]) -> int:
    for name, good, bad in checks:
        print(f"{'FAIL' if bad else 'OK  '}  {name}: {bad or good}")
    return 1 if any(bad for _, _, bad in checks) else 0


def judge_quota(state: Mapping[str, Json], access: AirtableAccess) -> Check:
    """What this bot has used of the month's calls; others of the workspace use them too.

    `state` is that of the lane of the base.
    """
    used = calls_of_month(state, datetime.now(UTC))["calls"]
    allowed = access.airtable_monthly_calls
    told = f"{used} of {allowed} calls this month" if allowed else f"{used} calls this month"
    is_out = str(state.get("trouble") or "").startswith(OVER_QUOTA)
    over = is_out or bool(allowed and used >= allowed)
    return (
        "quota",
        told,
        f"{told}: wait until the next one, or take a larger plan" if over else None,
    )


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
