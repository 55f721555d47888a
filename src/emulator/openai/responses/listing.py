"""Lists of items in pages, the newest first."""

from collections.abc import Mapping, Sequence

from emulator.json import JsonObject
from emulator.openai.parameters import check_number, invalid
from emulator.openai.refused import RefusedRequest
from emulator.openai.responses.items import Item

#: Items of one page, at most and usually.
MAX_LISTED_ITEMS, LISTED_ITEMS = 100, 20


def listed(items: Sequence[Item], asked: Mapping[str, str]) -> JsonObject:
    """Return the page that the query `asked` is about. Raise RefusedRequest for a wrong query."""
    size = _size(asked.get("limit"))
    order = asked.get("order", "desc")
    if order not in ("asc", "desc"):
        raise invalid("order", f"'{order}'. Supported values are: 'asc' and 'desc'")
    ordered = list(items) if order == "asc" else list(reversed(items))
    start = _after(asked.get("after"), [one.get("id") for one in ordered])
    page = ordered[start : start + size]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0].get("id") if page else None,
        "last_id": page[-1].get("id") if page else None,
        "has_more": start + size < len(ordered),
    }


def _size(limit: str | None) -> int:
    if limit is None:
        return LISTED_ITEMS
    if not limit.lstrip("-").isdecimal():
        text = "Invalid type for 'limit': expected an integer, but got a string instead."
        raise RefusedRequest(text, param="limit", code="invalid_type")
    check_number("limit", int(limit), 1, MAX_LISTED_ITEMS)
    return int(limit)


def _after(item_id: str | None, ids: Sequence[object]) -> int:
    if item_id is None:
        return 0
    if item_id not in ids:
        raise RefusedRequest(f"Item with id '{item_id}' not found.", param="after", status=404)
    return ids.index(item_id) + 1
