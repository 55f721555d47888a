"""Merging: two rows that turn out to be one person. One goes on, the other is kept empty."""

from sqlalchemy import Connection

from storage.person_table import person_tables


def merge_users(connection: Connection, *, into: str, other: str) -> None:
    """Give all that is known of a person under the key `other` to the person `into`.

    What only counts (deliveries, tokens), and the lanes, keep their names; erasing finds them by
    `merged_into`.
    """
    for declared in person_tables():
        declared.on_merge(connection, declared.key, into=into, other=other)
