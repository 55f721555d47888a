"""The tables that a base of operators has to have."""

from collections.abc import Sequence

from app.composition.features import find_features
from features.airtable.base_schema import MESSAGES
from services.operator_tables import TableSchema


def tables_of(*, with_messages: bool) -> Sequence[TableSchema]:
    """Return the tables of all features that are there."""
    found = [schema for feature in find_features() for schema in feature.schemas]
    return [*found, MESSAGES] if with_messages else found
