"""Which language to speak to a person."""

from collections.abc import Collection
from functools import lru_cache

import phonenumbers

from domain.user import User

#: Countries by the language that most people there read.
COUNTRIES = {
    "es": frozenset(
        {
            "AR",
            "BO",
            "CL",
            "CO",
            "CR",
            "CU",
            "DO",
            "EC",
            "ES",
            "GQ",
            "GT",
            "HN",
            "MX",
            "NI",
            "PA",
            "PE",
            "PR",
            "PY",
            "SV",
            "UY",
            "VE",
        }
    ),
    "en": frozenset(
        {
            "AU",
            "BS",
            "CA",
            "GB",
            "GH",
            "IE",
            "IN",
            "JM",
            "KE",
            "NG",
            "NZ",
            "PH",
            "SG",
            "TT",
            "UG",
            "US",
            "ZA",
        }
    ),
}


def language_of(user: User, available: Collection[str], default: str) -> str:
    """Return the language that the person chose, else that of their country, else the default."""
    if user.language is not None and user.language in available:
        return user.language
    country = _country_of(user)
    for language, countries in COUNTRIES.items():
        if country in countries and language in available:
            return language
    return default


#: Countries where many people write the month before the day: "12/25/1990".
MONTH_FIRST_COUNTRIES = frozenset({"US", "CA", "PH"})


def is_month_first_usual(user: User) -> bool:
    """Return whether "04/05/1990" may be in April for a person, by their country."""
    return _country_of(user) in MONTH_FIRST_COUNTRIES


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
