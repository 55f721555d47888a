"""How the program is set up on this machine: what checks and commands of features work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:  # commands are listed before anything is installed
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from typing import TypeVar

    import httpx

    from services.clients.cloud_api.client import CloudApi
    from services.operator_tables import TableSchema
    from storage.engine.group_commit import GroupCommit
    from utils.setting_types import SettingsModel

    Model = TypeVar("Model", bound=SettingsModel)


class BusinessAccount(NamedTuple):
    """A WhatsApp Business Account, and the API that manages it."""

    api: CloudApi
    #: Meta's id of the account.
    id: str


class Setup(Protocol):
    """What the checks and the commands of a feature find."""

    @property
    def schemas(self) -> Sequence[TableSchema]:
        """Tables that operators see with the features that are there."""
        ...


class CheckSetup(Setup, Protocol):
    """What `Feature.checks` looks at."""

    def settings_of(self, model: type[Model]) -> Model | None:
        """Return the settings of one model; None where they are wrong."""
        ...

    @property
    def database_url(self) -> str | None:
        """URL of the database; None where the setting is wrong."""
        ...

    @property
    def http(self) -> httpx.AsyncClient:
        """The client for questions to other computers."""
        ...


class CommandSetup(Setup, Protocol):
    """What commands of features run with."""

    def settings_of(self, model: type[Model]) -> Model:
        """Return the settings of one model; raise CommandError with all that is wrong."""
        ...

    async def settings_here(self, model: type[Model]) -> Model:
        """Return the settings of one model as `watch.py` completes them for its emulator."""
        ...

    def settings_with_model(self, model: type[Model]) -> AbstractAsyncContextManager[Model]:
        """Open the settings of one model, with an emulated language model where none is set.

        It is there meanwhile. Raises CommandError.
        """
        ...

    def open_database(self) -> AbstractAsyncContextManager[GroupCommit]:
        """Open the migrated database; raise CommandError with what to do."""
        ...

    def open_account(self) -> AbstractAsyncContextManager[BusinessAccount]:
        """Open the account at Meta, or that of the emulator which runs here.

        Raises CommandError with what to do.
        """
        ...

    def run_check(self, name: str, *, as_object: bool) -> int:
        """Run one check of `doctor` and print its findings. Return the exit code."""
        ...


class InstallationSetup(CommandSetup, Protocol):
    """What commands run with that manage other bots of the installation."""

    def given(self) -> Mapping[str, str]:
        """Return the settings of the installation as they are given, by their names."""
        ...

    def require_settings(self, given: Mapping[str, str]) -> None:
        """Raise CommandError if a bot does not start with these settings alone."""
        ...

    def run_with(self, given: Mapping[str, str], arguments: Sequence[str]) -> int:
        """Run another command with these settings alone. Return the exit code."""
        ...

    def migrate_more(self) -> None:
        """Bring the tables of the databases that features name up to date."""
        ...
