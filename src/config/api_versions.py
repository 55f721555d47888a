"""Until when Meta answers each version of the Cloud API.

Source: developers.facebook.com/docs/graph-api/changelog
"""

from datetime import date, timedelta

#: the last day of each version; older ones are over, newer ones have no date yet
LAST_DAYS = {
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}
NOTICE = timedelta(days=90)


def api_version_warning(version: str, *, today: date) -> str | None:
    """What to tell the operator about this version, if anything."""
    if _number(version) < min(map(_number, LAST_DAYS)):
        return f"API_VERSION {version} is no longer answered by Meta: set a newer one."
    last_day = LAST_DAYS.get(version)
    if last_day is None or today < last_day - NOTICE:
        return None
    ends = "ended" if today > last_day else "ends"
    return f"API_VERSION {version} {ends} on {last_day}: set a newer one."


def _number(version: str) -> float:
    return float(version.removeprefix("v"))
