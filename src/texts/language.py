"""Which language to speak to a person, and what is usual where they live."""

from collections.abc import Collection
from functools import lru_cache

import phonenumbers

from domain.user import User
from flow_engine.languages import LANGUAGES

_MONTH_FIRST_COUNTRIES = frozenset(
    country for language in LANGUAGES.values() for country in language.dates.month_first_countries
)


def language_of(user: User, available: Collection[str], default: str) -> str:
    """Return the language that the person chose, else that of their country, else the default."""
    if user.language is not None and user.language in available:
        return user.language
    country = _country_of(user)
    for code, language in LANGUAGES.items():
        if country in language.countries and code in available:
            return code
    return default


def is_month_first_usual(user: User) -> bool:
    """Return whether "04/05/1990" may be in April for a person, by their country."""
    return _country_of(user) in _MONTH_FIRST_COUNTRIES


def _country_of(user: User) -> str:
    return _country_of_number(user.wa_id or "") or (user.user_id or "").partition(".")[0]


@lru_cache(maxsize=10_000)
def _country_of_number(wa_id: str) -> str | None:
    """Region of a `wa_id`, which need not be a valid phone number (Mexico, Brazil)."""
    if not wa_id:
        return None
    try:
        number = phonenumbers.parse(f"+{wa_id}")
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    return region or phonenumbers.region_code_for_country_code(number.country_code or 0)
