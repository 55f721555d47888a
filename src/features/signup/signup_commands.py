"""What `watch.py signup` does."""

from datetime import datetime

from sqlalchemy import Connection, text

from features.signup.links import LINK_LIFE, id_of, new_link
from features.signup.settings import SignupSettings
from features.signup.tables import StoredSignup, all_signups, put_signup
from features.tenants.command_tools import open_vault
from features.tenants.directory import put_tenant, read_directory
from features.tenants.settings import ID
from features.tenants.tables import StoredTenant
from features.tenants.views import schema_of
from services.command_database import in_database
from services.setup import InstallationSetup
from utils.commands import CommandError


def invite(setup: InstallationSetup, tenant: str, title: str, url: str) -> int:
    """Print a link for a business, with the place of its database made."""
    if not ID.fullmatch(tenant):
        raise CommandError("ID: expected a letter, then letters, digits and dashes, in lower case.")
    if not setup.settings_of(SignupSettings).signup_app_id:
        raise CommandError("SIGNUP_APP_ID is not set: docs/tenants.md has what Meta asks for.")
    open_vault(setup)
    link = new_link()

    def store(connection: Connection, now: datetime) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema_of(tenant)}"))
        if all(one.id != tenant for one in read_directory(connection).tenants):
            # Its bot starts once it has a number.
            put_tenant(connection, StoredTenant(tenant, title, is_disabled=True), now)
        one = StoredSignup(id_of(link), tenant, title, expires_at=now + LINK_LIFE)
        put_signup(connection, one)

    in_database(setup, store)
    setup.migrate_more()
    print(f"{url}/signup/{link}")
    print("Whoever has this link can connect a number of this business, for 7 days.")
    return 0


def list_all(setup: InstallationSetup) -> int:
    """Print a line for each invitation."""
    found = in_database(setup, lambda c, _: all_signups(c))
    for one in found:
        parts = (one.tenant, one.title, one.step, one.display and f"+{one.display}", one.problem)
        print("  ".join(filter(None, parts)))
    print(f"{len(found)} invitations.")
    return 0
