"""Links by which people connect their numbers."""

import secrets
from datetime import timedelta

from utils.secret_hash import hash_of

#: Time for which a link may be used.
LINK_LIFE = timedelta(days=7)


def new_link() -> str:
    """Return the secret end of a new link."""
    return secrets.token_urlsafe(32)


def id_of(link: str) -> str:
    """Return what is stored of a link."""
    return hash_of(link)
