"""Settings as an operator writes them: in the environment, and in a file."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.composition.features import settings_models
from config.env import Settings, SettingsError, load_settings
from utils.setting_types import SettingsModel

Models = Sequence[type[SettingsModel]]
NO_FILE = Path("there-is-no-such-file")
COMPLETE = {
    "WP_ACCESS_TOKEN": "EAAtoken",
    "WP_PHONE_ID": "100000000000001",
    "WEBHOOK_VERIFY_TOKEN": "words",
    "WHATSAPP_APP_SECRET": "signing",
}


def load(**given: str) -> Settings:
    """Read settings with an account at Meta."""
    return read({**COMPLETE, **given})


def read(given: dict[str, str], env_file: Path = NO_FILE, models: Models | None = None) -> Settings:
    """Read settings of the core and of all features, or of `models`."""
    return load_settings(given, env_file, settings_models() if models is None else models)


def problems(given: dict[str, str], env_file: Path = NO_FILE, models: Models | None = None) -> str:
    """Return what is wrong with settings."""
    with pytest.raises(SettingsError) as caught:
        read(given, env_file, models)
    return str(caught.value)


def env_file(folder: Path, text: str) -> Path:
    """Write a .env file."""
    path = folder / ".env"
    path.write_text(text)
    return path
