"""Whether the operators' base is in order: the checks of `watch.py airtable doctor`."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect

from app.cli.airtable import examine, judge_quota, remedy
from app.composition.operator_base import tables_of
from app.doctor.database import file_of, reading
from app.doctor.finding import Finding, fail, ok, skip, warn
from features.airtable.field_ids import FieldIds
from features.airtable.settings import AirtableAccess
from features.airtable.sync import ids_name, lane_of
from jobs.maintenance import state_of
from services.airtable_service import AirtableService
from services.clients.airtable.errors import AirtableError, OverQuota, TooFast
from storage.tables.key_value import get, kept
from utils.masking import mask

#: Seconds to connect, and to wait for an answer.
TIMEOUT = (3, 10)
LATER = "Try again in a minute; https://status.airtable.com tells of Airtable's own troubles."


async def airtable(access: AirtableAccess, database_url: str) -> list[Finding]:
    """Look at the base, if one is used."""
    token, base_id = access.airtable_api_key, access.airtable_base_id
    if token is None or base_id is None:
        return [skip("AIRTABLE_API_KEY is not set: nobody can be asked for")]
    known, state = await asyncio.to_thread(_remembered, database_url, base_id)
    service = AirtableService(
        token.get_secret_value(), base_id, base_url=access.airtable_api_url, timeout=TIMEOUT
    )
    plans = tables_of(with_messages=access.shows_messages)
    try:
        checks = await examine(service, known, plans, judge_quota(state, access))
    except AirtableError as error:
        return [judge_error(error)]
    finally:
        service.close()
    return [fail(name, bad) if bad else ok(f"{name}: {good}") for name, good, bad in checks]


def judge_error(error: AirtableError) -> Finding:
    if isinstance(error, TooFast):  # the running bot asks it, too
        return warn("the base takes no more requests for half a minute", "Try again in a minute.")
    if isinstance(error, OverQuota):
        return fail(
            "the calls of this month are used up", "Wait for the next, or take a larger plan."
        )
    return fail(mask(str(error)), remedy(error) or LATER)


def _remembered(database_url: str, base_id: str) -> tuple[FieldIds, Mapping[str, Any]]:
    """What the bot knows of the base; nothing before its first start."""
    file = file_of(database_url)
    if file is not None and not file.exists():
        return FieldIds(), {}
    with reading(database_url) as connection:
        if not inspect(connection).has_table(kept.name):
            return FieldIds(), {}
        ids = FieldIds(get(connection, ids_name(base_id)) or {})
        return ids, state_of(connection, lane_of(base_id))
