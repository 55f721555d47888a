"""What every program of ours does first: read its settings and open its log."""

import hashlib
import sys
from datetime import UTC, datetime

from app.checks.definitions import DefinitionError
from app.composition.features import FeatureError, find_features, settings_models
from config.env import Settings, SettingsError, load_settings
from jobs.spec import DuplicateJob
from services.conversations.stage import StageError
from storage.engine.database import DatabaseError
from utils.logger import logger, setup_logging

#: What is wrong with code, texts or the database: told without a traceback, with what to do.
START_ERRORS = (DatabaseError, DefinitionError, DuplicateJob, FeatureError, StageError)


def settings_or_exit() -> Settings:
    """Return the settings; what is wrong with them or with a feature ends the program."""
    try:
        find_features()
        return load_settings(models=settings_models())
    except (FeatureError, SettingsError) as error:
        sys.exit(str(error))


def open_log(settings: Settings) -> None:
    """Send the log where the settings want it, without their secrets."""
    # All processes of one bot call a person the same, and nobody else can tell who it is.
    key = hashlib.sha256(settings.wp_access_token.get_secret_value().encode()).digest()
    setup_logging(
        settings.log_level,
        secrets=settings.secrets(),
        pseudonym_key=key,
        as_json=settings.log_format == "json",
        in_development=settings.environment == "development",
        folder=settings.log_dir,
    )


def tell_warnings(settings: Settings) -> list[str]:
    """Log what works for now, but should be changed. Return it."""
    warnings = list(settings.warnings(today=datetime.now(UTC).date()))
    for warning in warnings:
        logger.warning("{}", warning)
    return warnings
