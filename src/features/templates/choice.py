"""Which language of a template a person gets."""

from collections.abc import Mapping

from domain.user import User
from features.templates.model import Template
from texts.language import language_of


def version_for(person: User, found: Mapping[str, Template], default: str) -> Template | None:
    """Return the version in the language that the bot speaks to a person; None if there is none.

    `found` is by language, such as "es" or "es_MX"; `default` is a language of the bot.
    """
    language = language_of(person, {one.partition("_")[0] for one in found}, default)
    return found.get(language) or _first_of(found, language)


def _first_of(found: Mapping[str, Template], language: str) -> Template | None:
    """Return the first variant of a language: es_ES, or es_MX, of es."""
    variants = sorted(one for one in found if one.partition("_")[0] == language)
    return found[variants[0]] if variants else None
