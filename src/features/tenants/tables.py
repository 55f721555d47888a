"""Phone numbers, businesses and apps beside those of the settings. Secrets are sealed: `vault`."""

from typing import NamedTuple

from sqlalchemy import Boolean, Column, Double, PrimaryKeyConstraint, Table, Text

from storage.engine.database import UtcTimestamp, metadata

phone_number = Table(
    "phone_number",
    metadata,
    #: Meta's id of the number
    Column("id", Text, primary_key=True),
    #: the business that answers; empty: that of the settings
    Column("tenant", Text, nullable=False),
    #: Meta's app whose webhooks bring its messages; empty: that of the settings
    Column("app", Text, nullable=False),
    #: business account at Meta; empty: that of the settings
    Column("account_id", Text, nullable=False),
    #: digits, as people see it; empty if unknown
    Column("display", Text, nullable=False),
    Column("label", Text, nullable=False),
    #: access token, sealed; None: that of the settings
    Column("token", Text),
    Column("messages_per_second", Double),
    Column("added_at", UtcTimestamp, nullable=False),
)
tenant = Table(
    "tenant",
    metadata,
    #: lower-case letters, digits and dashes
    Column("id", Text, primary_key=True),
    #: what operators call the business
    Column("title", Text, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("added_at", UtcTimestamp, nullable=False),
)
tenant_setting = Table(
    "tenant_setting",
    metadata,
    Column("tenant", Text, nullable=False),
    #: a setting as in .env, such as TIMEZONE
    Column("name", Text, nullable=False),
    #: sealed
    Column("content", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "name"),
)
meta_app = Table(
    "meta_app",
    metadata,
    #: what its callback URL ends with: /webhook/<id>
    Column("id", Text, primary_key=True),
    #: both sealed, and the secret of before, while Meta may still use it
    Column("secret", Text, nullable=False),
    Column("former_secret", Text),
    Column("verify_token", Text, nullable=False),
    Column("added_at", UtcTimestamp, nullable=False),
)


class StoredNumber(NamedTuple):
    """A number as it is stored."""

    id: str
    tenant: str = ""
    app: str = ""
    account_id: str = ""
    display: str = ""
    label: str = ""
    token: str | None = None
    messages_per_second: float | None = None


class StoredTenant(NamedTuple):
    """A business as it is stored."""

    id: str
    title: str
    is_disabled: bool = False


class StoredSetting(NamedTuple):
    """A setting of a business as it is stored."""

    tenant: str
    name: str
    content: str


class StoredApp(NamedTuple):
    """An app of Meta as it is stored."""

    id: str
    secret: str
    verify_token: str
    former_secret: str | None = None
