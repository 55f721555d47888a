"""The language to speak to a person."""

from domain.user import User
from texts.catalogue import Texts
from texts.language import language_for


def language_of(user: User, texts: Texts, default: str) -> str:
    """Return the language that the person chose, else that of their country, else the default."""
    return language_for(
        chosen=user.language,
        wa_id=user.wa_id,
        user_id=user.user_id,
        default=default,
        available=texts.languages,
    )
