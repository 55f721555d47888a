"""What `watch.py signup` does."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from features.signup.links import LINK_LIFE, id_of, new_link
from features.signup.settings import SignupSettings
from features.signup.tables import StoredSignup, all_signups, put_signup
from features.tenants.command_tools import open_vault
from features.tenants.databases import create_schemas
from features.tenants.directory import put_tenant, read_directory
from features.tenants.settings import ID
from features.tenants.tables import StoredTenant
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
    in_database(setup, partial(store_invitation, link, tenant, title))
    setup.migrate_more()
    print(f"{url}/signup/{link}")
    print("Whoever has this link can connect a number of this business, for 7 days.")
    return 0


def store_invitation(
    link: str, tenant: str, title: str, connection: Connection, now: datetime
) -> None:
    """Store the invitation of a link, the business, and the place of its database."""
    if connection.dialect.name == "postgresql":
        create_schemas(connection, [tenant])
    if all(one.id != tenant for one in read_directory(connection).tenants):
        # Its bot starts once it has a number.
        put_tenant(connection, StoredTenant(tenant, title, is_disabled=True), now)
    one = StoredSignup(id_of(link), tenant, title, expires_at=now + LINK_LIFE)
    put_signup(connection, one)


def list_all(setup: InstallationSetup) -> int:
    """Print a line for each invitation."""
    found = in_database(setup, lambda c, _: all_signups(c))
    for one in found:
        parts = (one.tenant, one.title, one.step, one.display and f"+{one.display}", one.problem)
        print("  ".join(filter(None, parts)))
    print(f"{len(found)} invitations.")
    return 0
