"""Reads what Meta says of the ad or the post that a person came from. Never raises."""

from collections.abc import Mapping
from typing import Any

from utils.storable_text import strip_unstorable

#: Fields that are kept. The click id is never replaced by another id: it would count as a click.
FIELDS = ("source_type", "source_id", "source_url", "headline", "body", "ctwa_clid", "ref")
#: Longest value that is kept, in characters.
MAX_VALUE_CHARS = 500


def read_referral(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the known fields of a referral that hold a text."""
    return {
        name: strip_unstorable(value)[:MAX_VALUE_CHARS]
        for name in FIELDS
        if isinstance(value := given.get(name), str) and value
    }
