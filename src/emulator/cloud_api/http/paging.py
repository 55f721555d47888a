"""Pages of long lists, with cursors.

Source: developers.facebook.com/docs/graph-api/results
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from emulator.cloud_api.http.graph_request import TOKEN, GraphRequest
from emulator.cloud_api.rules.errors import GraphError
from emulator.json import JsonObject

PAGE, MAX_PAGE = 25, 100


def one_page(asked: GraphRequest, items: Sequence[JsonObject]) -> JsonObject:
    """Return the items that `limit`, `after` and `before` ask for, and cursors for the others."""
    limit = min(asked.number("limit", PAGE, least=1), MAX_PAGE)
    if before := asked.text("before"):
        end = _place(before)
        start = max(end - limit, 0)
    else:
        start = _place(asked.text("after") or _cursor(0))
        end = min(start + limit, len(items))
    answer: JsonObject = {"data": list(items[start:end])}
    if not answer["data"]:
        return answer
    paging: dict[str, Any] = {"cursors": {"before": _cursor(start), "after": _cursor(end)}}
    url = asked.http.url.remove_query_params(["after", "before", TOKEN])
    if end < len(items):
        paging["next"] = str(url.include_query_params(limit=limit, after=_cursor(end)))
    if start > 0:
        paging["previous"] = str(url.include_query_params(limit=limit, before=_cursor(start)))
    return {**answer, "paging": paging}


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"place:{place}".encode()).decode().rstrip("=")


def _place(cursor: str) -> int:
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        word, _, place = base64.urlsafe_b64decode(padded).decode().partition(":")
        if word == "place":
            return int(place)
    except (binascii.Error, ValueError):
        pass
    raise GraphError(100, "The cursor is none of this list.", "Invalid cursor")
