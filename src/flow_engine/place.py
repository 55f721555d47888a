"""Places as answers: shared on the map, or typed as coordinates."""

import re
from typing import Annotated

from pydantic import AfterValidator

#: Coordinates at the end of an answer, in degrees: "Our shop (4.6534, -74.0836)".
_COORDINATES = re.compile(r"\(?(-?[0-9]{1,2}(?:\.[0-9]+)?)[,\s]+(-?[0-9]{1,3}(?:\.[0-9]+)?)\)?$")
_EXPECTED = "a place that was shared, or a latitude and a longitude"


def coordinates(place: str) -> tuple[float, float]:
    """Return (latitude, longitude) of a place, in degrees. Raise ValueError if it has none."""
    found = _COORDINATES.search(place.strip())
    if found is None:
        raise ValueError(_EXPECTED)
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError(_EXPECTED)
    return latitude, longitude


def _with_coordinates(text: str) -> str:
    coordinates(text)
    return text


#: A field of a form that is answered by sharing a place; `coordinates` reads it.
Place = Annotated[str, AfterValidator(_with_coordinates)]
