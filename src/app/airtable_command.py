"""`watch.py airtable init` makes the operators' base; `watch.py airtable doctor` looks at it."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app.database import migrated_engine
from config.env import SettingsError, load_airtable, load_database_url
from services.airtable.errors import AirtableError, Forbidden, Unreachable, WrongToken
from services.airtable_service import AirtableService
from services.console.ids import BaseIds, Difference, compare
from services.console.plan import TablePlan, tables_of
from services.console.runner import ids_name
from services.console.setup import complete
from storage.database import DatabaseError
from storage.group_commit import GroupCommit
from storage.kept import Kept

SCOPES = frozenset(
    {
        "data.records:read",
        "data.records:write",
        "schema.bases:read",
        "schema.bases:write",
        "webhook:manage",
    }
)
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
        remedy = next((text for kind, text in REMEDIES.items() if isinstance(error, kind)), "")
        print(f"{error}\n{remedy}".strip(), file=sys.stderr)
    return 1


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
    token, base_id, url, with_messages = load_airtable()
    plans = tables_of(with_messages=with_messages)
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
    async with _service(token, base_id, url) as airtable, _kept() as kept:
        known = BaseIds(await kept.recall(ids_name(base_id)) or {})
        if options.command == "doctor":
            return await _examine(airtable, known, plans)
        return await _init(airtable, kept, known, plans, ask=not options.yes)


async def _init(
    airtable: AirtableService, kept: Kept, known: BaseIds, plans: Sequence[TablePlan], *, ask: bool
) -> int:
    _, difference = compare(await airtable.tables(), known, plans)
    _show(difference)
    if difference and ask:
        answer = await asyncio.to_thread(input, "Make them? [y/N] ")
        if answer.strip().lower() != "y":
            return 1
    ids = (await complete(airtable, known, plans)).ids
    await kept.keep(ids_name(airtable.base_id), ids)
    print("The base has all that the bot needs.")
    return 0


async def _examine(airtable: AirtableService, known: BaseIds, plans: Sequence[TablePlan]) -> int:
    missing = sorted(SCOPES - await airtable.scopes())
    _, difference = compare(await airtable.tables(), known, plans)
    checks = [
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
    ]
    for name, good, bad in checks:
        print(f"{'FAIL' if bad else 'OK  '}  {name}: {bad or good}")
    return 1 if any(bad for _, _, bad in checks) else 0


def _show(difference: Difference) -> None:
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
async def _kept() -> AsyncIterator[Kept]:
    database = GroupCommit(migrated_engine(load_database_url()))
    try:
        yield Kept(database)
    finally:
        await database.close()
