"""Passkeys by which operators sign in: their public keys alone."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from storage.engine.database import UtcTimestamp, metadata

inbox_passkey = Table(
    "inbox_passkey",
    metadata,
    #: id of the credential, in base64url
    Column("id", Text, primary_key=True),
    Column("operator_id", Text, nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    #: signatures so far, where the device counts them
    Column("sign_count", BigInteger, nullable=False),
    #: what the operator calls it
    Column("name", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
    Column("used_at", UtcTimestamp),
)
