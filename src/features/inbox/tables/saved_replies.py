"""Replies that operators saved."""

from sqlalchemy import Column, Double, Table, Text

from storage.engine.database import metadata

inbox_saved_reply = Table(
    "inbox_saved_reply",
    metadata,
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    #: seconds since 1970
    Column("changed_at", Double, nullable=False),
)
