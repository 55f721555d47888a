"""Reads a new version of the settings, and builds a bot of it: use it in threads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.composition.bot import Bot
from app.reload.changes import changed_names, with_kept
from app.reload.contents import contents, digest_of
from config.env import Settings


@dataclass(frozen=True, slots=True)
class Version:
    """Settings as they were read, with what else they are read from."""

    settings: Settings
    #: Short hash of the config file, taken before it was read: one that changes is read again.
    hash: str
    #: Content of the other files that the settings name.
    others: Mapping[Path, bytes]

    @classmethod
    def of(cls, settings: Settings, file_hash: str) -> "Version":
        """Return settings with the files that they name now."""
        return cls(settings, file_hash, contents(settings))

    def changed_in(self, new: "Version") -> list[str]:
        """Return the names of settings and files that differ in another version."""
        names = changed_names(self.settings, new.settings)
        others = (path for path in new.others if new.others[path] != self.others.get(path))
        return names + [path.name for path in others]


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that was read, and the bot that was built of it."""

    version: Version
    #: The settings that a bot of it has: those that need a restart are still those before.
    settings: Settings
    #: Names of what differs from the version before.
    changed: Sequence[str]
    #: Names of the settings that need a restart.
    kept: Sequence[str]
    #: None if nothing differs.
    bot: Bot | None


def prepare(
    before: Version,
    running: Settings,
    load: Callable[[], Settings],
    build: Callable[[Settings], Bot],
) -> NewVersion:
    """Read the settings, and build a bot of them if they differ from those before.

    `running` are the settings of the bot that runs. Raise SettingsError, and what `build` raises.
    """
    file_hash = digest_of(before.settings)
    new = Version.of(load(), file_hash)
    changed = before.changed_in(new)
    settings, kept = with_kept(running, new.settings)
    return NewVersion(new, settings, changed, kept, build(settings) if changed else None)
