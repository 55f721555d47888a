"""Number of times that each FAQ entry was given as an answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Insert, Integer, Table, Text, Update, bindparam, select
from sqlalchemy import update as update_

from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write

faq_hit = Table(
    "faq_hit",
    metadata,
    #: Airtable's id of the entry's record
    Column("record_id", Text, primary_key=True),
    Column("hits", Integer, nullable=False),
    #: number of hits that Airtable knows
    Column("told", Integer, nullable=False, server_default="0"),
    Column("last_at", UtcTimestamp, nullable=False),
)


@CompiledStatement
def _count(dialect: str) -> Insert:
    new = insert_for(dialect, faq_hit).values(
        record_id=bindparam("row_key"), hits=1, last_at=bindparam("last_at")
    )
    return new.on_conflict_do_update(
        index_elements=["record_id"],
        set_={"hits": faq_hit.c.hits + 1, "last_at": new.excluded.last_at},
    )


@CompiledStatement
def _told(dialect: str) -> Update:
    is_it = faq_hit.c.record_id == bindparam("row_key")
    return update_(faq_hit).where(is_it).values(told=bindparam("known"))


def count(record_id: str, at: datetime) -> Write:
    """Count one more answer from the entry of this record."""
    return Write(_count, [{"row_key": record_id, "last_at": at}])


def news(connection: Connection, most: int) -> list[tuple[str, int, datetime]]:
    """Return (record id, hits, time of the last one) of up to `most` entries to be synced."""
    of = faq_hit.c
    query = select(of.record_id, of.hits, of.last_at).where(of.hits > of.told).limit(most)
    return [(record_id, hits, at) for record_id, hits, at in connection.execute(query)]


def told(known: Mapping[str, int]) -> Write:
    """Note how many hits of each record Airtable knows."""
    rows: Sequence[dict[str, object]] = [
        {"row_key": record_id, "known": hits} for record_id, hits in known.items()
    ]
    return Write(_told, rows)
