"""Invitations to connect a number, and how far each is."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Boolean, Column, Connection, Table, Text, select

from storage.engine.database import UtcTimestamp, insert, metadata

signup = Table(
    "signup",
    metadata,
    #: SHA-256 of the secret end of the link
    Column("id", Text, primary_key=True),
    #: the business that the number will be of
    Column("tenant", Text, nullable=False),
    Column("title", Text, nullable=False),
    #: the last step that is done
    Column("step", Text, nullable=False),
    #: why the next step failed, for the person; empty if it did not
    Column("problem", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("number_id", Text, nullable=False),
    #: digits, as people see the number
    Column("display", Text, nullable=False),
    #: the number stays in the WhatsApp Business app as well
    Column("is_coexistent", Boolean, nullable=False),
    #: access token and PIN of the number, sealed
    Column("token", Text),
    Column("pin", Text),
    Column("expires_at", UtcTimestamp, nullable=False),
)


class StoredSignup(NamedTuple):
    """A row of `signup`."""

    id: str
    tenant: str
    title: str
    step: str = "invited"
    problem: str = ""
    account_id: str = ""
    number_id: str = ""
    display: str = ""
    is_coexistent: bool = False
    token: str | None = None
    pin: str | None = None
    expires_at: datetime | None = None


def find_signup(connection: Connection, id_: str, now: datetime) -> StoredSignup | None:
    """Return an invitation that still holds."""
    columns = [signup.c[name] for name in StoredSignup._fields]
    holds = (signup.c.id == id_, signup.c.expires_at > now)
    row = connection.execute(select(*columns).where(*holds)).first()
    return None if row is None else StoredSignup(*row)


def put_signup(connection: Connection, one: StoredSignup) -> None:
    """Add an invitation, or say how far it is."""
    changed = {name: value for name, value in one._asdict().items() if name != "id"}
    new = insert(connection, signup).values(**one._asdict())
    connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=changed))


def all_signups(connection: Connection) -> list[StoredSignup]:
    """Return all invitations, the newest last."""
    columns = [signup.c[name] for name in StoredSignup._fields]
    rows = connection.execute(select(*columns).order_by(signup.c.expires_at))
    return [StoredSignup(*row) for row in rows]
