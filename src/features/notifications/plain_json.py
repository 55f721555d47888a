"""JSON of callers that can be stored, and written again."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator

#: Most objects and lists inside each other.
MAX_DEPTH = 20


def _checked(value: dict[str, Any]) -> dict[str, Any]:
    _require_plain(value, MAX_DEPTH)
    return value


def _require_plain(value: Any, depth: int) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and Infinity are no JSON")
    if not isinstance(value, dict | list):
        return
    if depth == 0:
        raise ValueError(f"expected at most {MAX_DEPTH} objects and lists inside each other")
    for one in value.values() if isinstance(value, dict) else value:
        _require_plain(one, depth - 1)


#: An object that Python reads as JSON, without what Python alone takes for JSON.
PlainJson = Annotated[dict[str, Any], AfterValidator(_checked)]
