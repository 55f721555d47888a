"""Reading timestamps from other systems."""

from datetime import UTC, datetime


def parse_iso_datetime(value: object) -> datetime | None:
    """Read a time in ISO 8601, in UTC if it has no zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
