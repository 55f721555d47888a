"""What a new version of the settings changes, by names: never by values."""

from collections.abc import Iterator, Mapping

from config.env import Settings
from utils.setting_types import SettingsModel

#: Settings that are part of how the process runs: they need a restart.
NEED_RESTART = (
    *("bot_config", "environment", "host", "port", "role", "database_url", "sqlite_synchronous"),
    *("log_format", "log_dir", "metrics_port", "sentry_dsn", "steps_url", "lease_seconds"),
)


def changed_names(old: Settings, new: Settings) -> list[str]:
    """Return the names of settings that differ, and of the entries that do: `checks.reply`."""
    return [name for one in _pairs(old, new) for name in _changed(*one)]


def with_kept(old: Settings, new: Settings) -> tuple[Settings, list[str]]:
    """Return the new settings with those of the old that need a restart, and their names."""
    differing = [name for name in NEED_RESTART if getattr(old, name) != getattr(new, name)]
    kept = new.model_copy(update={name: getattr(old, name) for name in differing})
    return kept, [Settings.names()[name][0] for name in differing]


def _pairs(old: Settings, new: Settings) -> Iterator[tuple[SettingsModel | None, SettingsModel]]:
    before = {type(one): one for one in old.parts}
    for part in new.parts:
        yield before.get(type(part)), part


def _changed(old: SettingsModel | None, new: SettingsModel) -> Iterator[str]:
    names = new.names()
    for field in type(new).model_fields:
        before, after = getattr(old, field, None), getattr(new, field)
        name = names[field][0] if field in names else field
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from (
                f"{name}.{key}" for key in {**before, **after} if before.get(key) != after.get(key)
            )
        else:
            yield name
