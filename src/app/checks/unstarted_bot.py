"""A bot that is built as at the start, and does not run: building it finds what stops a start."""

import httpx
from loguru import logger

from app.composition import feature_building
from app.composition.bot import Bot, build_bot
from app.composition.features import settings_models
from config.env import build_settings
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from utils.metrics import Metrics

#: Settings that have no default; nothing is sent with them.
_UNUSED = {
    "wp_access_token": "unused",
    "wp_phone_id": "100000000000001",
    "webhook_verify_token": "unused",
    "whatsapp_app_secret": "unused",
}


def build_unstarted_bot(**settings: str) -> Bot:
    """Return a bot with default settings, but for those given by field, over no database.

    Raises one of `app.runtime.bootstrap.START_ERRORS`.
    """
    built = build_settings(settings_models(), **{**_UNUSED, **settings})
    database = GroupCommit(open_engine("sqlite://"))
    logger.disable(feature_building.__name__)  # its warnings are about settings, which are absent
    try:
        return build_bot(built, database, httpx.AsyncClient(verify=False), Metrics())
    finally:
        logger.enable(feature_building.__name__)
