"""Checks of the operators' base in Airtable."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import inspect

from domain.checks import Check, Finding, fail, ok, skip, warn
from features.airtable.base_schema import base_tables
from features.airtable.field_ids import FieldIds, SchemaDiff, diff_schema
from features.airtable.settings import AirtableAccess
from features.airtable.sync import calls_of_month, ids_name, lane_of
from jobs.maintenance import state_of
from jobs.model import LaneState
from services.airtable_service import AirtableService
from services.clients.airtable.errors import (
    OVER_QUOTA,
    AirtableError,
    Forbidden,
    OverQuota,
    TooFast,
    Unreachable,
    WrongToken,
)
from services.operator_tables import TableSchema
from services.setup import CheckSetup
from storage.engine.reading import file_of, reading
from storage.tables.key_value import get, kept
from utils.masking import mask

SCOPES = frozenset(
    {
        "data.records:read",
        "data.records:write",
        "schema.bases:read",
        "schema.bases:write",
        "webhook:manage",
    }
)
#: Seconds to connect, and seconds to wait for an answer.
TIMEOUT = (3, 10)
LATER = "Try again in a minute. https://status.airtable.com reports Airtable's own problems."
NEXT_MONTH = "Wait until next month, or take a larger plan."
INIT = "python3 watch.py airtable init"
TOKENS = "https://airtable.com/create/tokens"
REMEDIES: Mapping[type[AirtableError], str] = {
    WrongToken: f"The token is not valid: make a new one at {TOKENS} (AIRTABLE_API_KEY).",
    Forbidden: "The token may not use this base, or no base has this id: add the base to the "
    f"token's access at {TOKENS}, and check AIRTABLE_BASE_ID.",
    Unreachable: "Airtable does not answer: check the network, and status.airtable.com.",
}


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the base."""
    access = setup.settings_of(AirtableAccess)
    check = partial(check_base, access, setup.database_url, setup.schemas)
    yield Check("airtable", check, needs=("database",), is_live=True)


async def check_base(
    access: AirtableAccess | None, database_url: str | None, schemas: Sequence[TableSchema]
) -> list[Finding]:
    """Check token, scopes, tables, fields and the monthly quota of the base."""
    if access is None:
        return [skip("waits for: settings")]
    if access.airtable_api_key is None:
        return [skip("AIRTABLE_API_KEY is not set: operators have no base", _set_key())]
    if access.airtable_base_id is None:
        fix = f"Set AIRTABLE_BASE_ID in .env, or: {INIT} --workspace wsp..."
        return [skip("AIRTABLE_BASE_ID is not set: which base?", fix)]
    if database_url is None:
        return [skip("waits for: settings")]
    known, state = await asyncio.to_thread(_remembered, database_url, access.airtable_base_id)
    token = access.airtable_api_key.get_secret_value()
    base_id, url = access.airtable_base_id, access.airtable_api_url
    service = AirtableService(token, base_id, base_url=url, timeout=TIMEOUT)
    try:
        missing_scopes = sorted(SCOPES - await service.scopes())
        tables = base_tables(schemas, access)
        _, difference = diff_schema(await service.tables(), known, tables)
    except AirtableError as error:
        return [judge_error(error)]
    finally:
        service.close()
    return [
        ok("token: valid"),
        judge_scopes(missing_scopes),
        *judge_schema(difference),
        judge_quota(state, access.airtable_monthly_calls, now=datetime.now(UTC)),
    ]


def judge_scopes(missing: list[str]) -> Finding:
    """Say which scopes of the token are missing."""
    if not missing:
        return ok("scopes: complete")
    scopes = ", ".join(missing)
    return fail(f"scopes: the token lacks {scopes}", f"At {TOKENS}, add {scopes} to the token.")


def judge_schema(difference: SchemaDiff) -> Iterator[Finding]:
    """Say which tables and fields are missing, and which changes only a person can make."""
    if difference:
        yield fail(f"base: {'; '.join(difference.lines())}", INIT)
    else:
        yield ok("base: has all tables and fields")
    if difference.by_hand:
        changes = "; ".join(difference.by_hand)
        yield fail(f"by hand: {changes}", "Make these changes in Airtable; no command can.")


def judge_quota(state: LaneState, monthly_calls: int, *, now: datetime) -> Finding:
    """Compare this bot's calls of the month with the plan; other programs use the quota too.

    `state` is that of the lane of the base; a plan of 0 calls has no limit.
    """
    used = calls_of_month(state, now)["calls"]
    of_plan = f" of {monthly_calls}" if monthly_calls else ""
    said = f"quota: {used}{of_plan} calls this month"
    is_refused = str(state.get("trouble") or "").startswith(OVER_QUOTA)
    if is_refused or (monthly_calls and used >= monthly_calls):
        return fail(said, NEXT_MONTH)
    return ok(said)


def judge_error(error: AirtableError) -> Finding:
    """Say what an error of Airtable means for this installation."""
    if isinstance(error, TooFast):  # the running bot sends requests, too
        return warn("the base takes no requests for half a minute", "Try again in a minute.")
    if isinstance(error, OverQuota):
        return fail("the calls of this month are used up", NEXT_MONTH)
    return fail(mask(str(error)), remedy(error) or LATER)


def remedy(error: AirtableError) -> str:
    """Return what to do about an error; "" where only time helps."""
    return next((text for kind, text in REMEDIES.items() if isinstance(error, kind)), "")


def _set_key() -> str:
    return f"To use Airtable: make a token at {TOKENS}, and put it into .env as AIRTABLE_API_KEY."


def _remembered(database_url: str, base_id: str) -> tuple[FieldIds, LaneState]:
    """The field ids and the lane's state as the bot stored them; empty before its first start."""
    file = file_of(database_url)
    if file is not None and not file.exists():
        return FieldIds(), {}
    with reading(database_url) as connection:
        if not inspect(connection).has_table(kept.name):
            return FieldIds(), {}
        ids = FieldIds(get(connection, ids_name(base_id)) or {})
        return ids, state_of(connection, lane_of(base_id))
