"""What several parts of the program are made of."""

from functools import cache
from pathlib import Path
from typing import TypeVar

import httpx

import features
import texts
from config.env import Settings
from services.clients.cloud_api.client import CloudApi
from texts.catalogue import Texts

Api = TypeVar("Api", bound=CloudApi)

TEXTS = Path(texts.__path__[0])


@cache
def load_texts() -> Texts:
    """Return the texts of the core and of the features that are there."""
    return Texts.load(TEXTS, *feature_texts())


def feature_texts() -> list[Path]:
    """Return the folders of the features' texts."""
    return sorted(path for root in features.__path__ for path in Path(root).glob("*/texts"))


def make_cloud_api(kind: type[Api], settings: Settings, http: httpx.AsyncClient) -> Api:
    """The API of the number that the settings name."""
    return kind(
        http,
        token=settings.wp_access_token.get_secret_value(),
        phone_number_id=settings.wp_phone_id,
        base_url=settings.graph_api_url,
        api_version=settings.api_version,
    )
