"""The templates of the business account, by name."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from features.templates import tables
from features.templates.model import Template


def templates_named(
    account_id: str, connection: Connection, names: Collection[str]
) -> Mapping[str, Sequence[Template]]:
    """Return the templates of these names in all of their languages."""
    return {name: tables.languages_of(connection, account_id, name) for name in names}
