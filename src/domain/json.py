"""JSON as Python holds it; its shape is checked by the models that read it."""

from typing import Any

#: Anything that a JSON text can hold: an object, a list, a string, a number, a boolean or None.
JsonValue = Any
#: A JSON object: its names, and their values.
JsonObject = dict[str, JsonValue]
