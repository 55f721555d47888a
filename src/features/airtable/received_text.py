"""What a person sent in place of text, as operators read it in a cell."""

from collections.abc import Mapping
from typing import Any

from schemas.content_text import map_link


def received_text(value: Mapping[str, Any]) -> str:
    """Return a place with a link to a map, or a contact with its numbers, line by line."""
    if "latitude" in value and "longitude" in value:
        named = [value.get("name"), value.get("address")]
        return "\n".join(filter(None, [*named, map_link(value["latitude"], value["longitude"])]))
    lines = [value.get("name"), *value.get("phones", ()), *value.get("emails", ())]
    if known := [str(line) for line in lines if line]:
        return "\n".join(known)
    return ", ".join(str(one) for one in value.values() if one not in (None, ""))
