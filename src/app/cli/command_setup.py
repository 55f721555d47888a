"""What commands of features run with; each method imports what it needs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from utils.commands import PROGRAM, CommandError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from app.doctor.installation import Installation
    from config.sources import Model
    from services.operator_tables import TableSchema
    from services.setup import BusinessAccount
    from storage.engine.group_commit import GroupCommit
    from utils.setting_types import SettingsModel


class LocalSetup:
    """The installation in this folder."""

    @property
    def schemas(self) -> Sequence[TableSchema]:
        """Tables that operators see with the features that are there."""
        from app.composition.conversations import load_saved_data
        from app.composition.features import operator_schemas

        return operator_schemas(load_saved_data())

    def settings_of(self, model: type[Model]) -> Model:
        """Return the settings of one model; raise CommandError with all that is wrong."""
        from app.composition.features import settings_models
        from config.env import Settings, SettingsError, load_part
        from utils.file_settings import model_of_bots

        every: list[type[SettingsModel]] = [Settings, *settings_models()]
        others = [one for one in every if one is not model] if model_of_bots([model]) else ()
        try:
            return load_part(model, others=others)
        except SettingsError as error:
            raise CommandError(str(error)) from error

    async def settings_here(self, model: type[Model]) -> Model:
        """Return them as `watch.py` completes them for the emulator which runs here."""
        async with _open_installation(needs_account=False) as found:
            return found.settings_of(model) or self.settings_of(model)

    @asynccontextmanager
    async def settings_with_model(self, model: type[Model]) -> AsyncIterator[Model]:
        """Open the settings of one model, with an emulated language model where none is set."""
        import os

        from app.development.brief_emulator import with_model
        from config.env import DEFAULT_FILE, SettingsError, load_part

        async with with_model(os.environ, DEFAULT_FILE) as environ:
            try:
                found = load_part(model, environ)
            except SettingsError as error:
                raise CommandError(str(error)) from error
            yield found

    @asynccontextmanager
    async def open_database(self) -> AsyncIterator[GroupCommit]:
        """Open the migrated database; raise CommandError with what to do."""
        from app.composition.database import migrated_engine
        from config.env import SettingsError, load_database_url
        from storage.engine.database import DatabaseError
        from storage.engine.group_commit import GroupCommit

        try:
            database = GroupCommit(migrated_engine(load_database_url()))
        except (SettingsError, DatabaseError) as error:
            raise CommandError(str(error)) from error
        try:
            yield database
        finally:
            await database.close()

    @asynccontextmanager
    async def open_account(self) -> AsyncIterator[BusinessAccount]:
        """Open the account at Meta, or that of the emulator which runs here.

        Raises CommandError with what to do.
        """
        from app.composition.cloud_apis import make_cloud_api
        from services.clients.cloud_api.client import CloudApi
        from services.setup import BusinessAccount

        async with _open_installation(needs_account=True) as found:
            settings, http = found.settings, found.http
            if settings is None:
                raise CommandError("\n".join(found.problems))
            if settings.wp_bid is None:
                raise CommandError("WP_BID is not set: it is the id of the business account.")
            yield BusinessAccount(make_cloud_api(CloudApi, settings, http), settings.wp_bid)

    def given(self) -> Mapping[str, str]:
        """Return the settings of the installation as they are given, by their names."""
        return _given()

    def require_settings(self, given: Mapping[str, str]) -> None:
        """Raise CommandError if a bot does not start with these settings alone."""
        from app.composition.host import settings_alone
        from services.host import BotError

        if unknown := sorted(given.keys() - _known_names()):
            raise CommandError(f"{unknown[0]} is no setting: .env-example has all of them.")
        try:
            settings_alone(given)
        except BotError as error:
            raise CommandError(str(error)) from error

    def run_with(self, given: Mapping[str, str], arguments: Sequence[str]) -> int:
        """Run another command with these settings alone. Return the exit code."""
        import os
        import subprocess
        import sys

        known = _known_names()
        kept = {name: value for name, value in os.environ.items() if name not in known}
        # An empty variable keeps that of .env away.
        without = dict.fromkeys(known.intersection(_given()), "")
        command = [sys.executable, PROGRAM, *arguments]
        return subprocess.run(command, env={**kept, **without, **given}, check=False).returncode

    def migrate_more(self) -> None:
        """Bring the tables of the databases that features name up to date."""
        from app.cli.feature_databases import migrate_more

        migrate_more(self)

    def run_check(self, name: str, *, as_object: bool) -> int:
        """Run one check of `doctor` and print its findings. Return the exit code."""
        from app.doctor.command import run_doctor

        return run_doctor(only=name, as_object=as_object)


def _known_names() -> frozenset[str]:
    """Return the names of all settings, of the core and of the features that are there."""
    from app.composition.features import settings_models
    from config.env import Settings

    models: tuple[type[SettingsModel], ...] = (Settings, *settings_models())
    return frozenset(name for one in models for names in one.names().values() for name in names)


@asynccontextmanager
async def _open_installation(*, needs_account: bool) -> AsyncIterator[Installation]:
    import os

    from app.development.supervisor import EMULATOR_FILE
    from app.doctor.installation import inspect_installation
    from config.env import DEFAULT_FILE
    from services.clients.http import make_http_client

    async with make_http_client() as http:
        yield await inspect_installation(
            os.environ, DEFAULT_FILE, EMULATOR_FILE, http, needs_account=needs_account
        )


def _given() -> Mapping[str, str]:
    from app.composition.host import given_alone

    return given_alone()
