"""Versions of the Graph API.

Source: developers.facebook.com/docs/graph-api/changelog
"""

from datetime import date

#: The newest version whose day is known.
NEWEST, ISSUED = 26, date(2026, 7, 29)
#: Fewest days from one version to the next.
DAYS_BETWEEN = 90
#: Last day of each version.
LAST_DAYS = {
    20: date(2026, 9, 24),
    21: date(2027, 1, 21),
    22: date(2027, 5, 20),
    23: date(2027, 10, 8),
    24: date(2028, 2, 18),
    25: date(2028, 7, 29),
}
#: The version that answers addresses without one.
OLDEST = min(LAST_DAYS)


def is_there(version: float, today: date) -> bool:
    """Return whether Meta has issued a version, or may have: newer ones are counted by days."""
    later = max((today - ISSUED).days, 0) // DAYS_BETWEEN
    return 1 <= version < NEWEST + later + 1


def has_expired(version: float, today: date) -> bool:
    """Return whether a version is answered by the oldest one that has not expired."""
    last_day = LAST_DAYS.get(int(version))
    return int(version) < OLDEST or (last_day is not None and last_day < today)
