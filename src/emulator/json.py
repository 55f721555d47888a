"""JSON as Python holds it. The emulator has its own definition, since it imports no bot code."""

from typing import Any

#: A JSON object: its names, and their values of any type.
JsonObject = dict[str, Any]
