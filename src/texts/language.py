"""Which language to speak to a person."""

from collections.abc import Collection
from functools import lru_cache

import phonenumbers

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


def language_for(
    *,
    chosen: str | None,
    wa_id: str | None,
    user_id: str | None,
    default: str,
    available: Collection[str],
) -> str:
    """The person's choice, else the language of their country, else the default."""
    if chosen in available and chosen is not None:
        return chosen
    country = _country_of_number(wa_id or "") or (user_id or "").partition(".")[0]
    for language, countries in COUNTRIES.items():
        if country in countries and language in available:
            return language
    return default


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
