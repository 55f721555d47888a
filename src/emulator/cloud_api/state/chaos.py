"""Faults on purpose, drawn from a seed: the same seed gives the same faults."""

import json
import random
from dataclasses import dataclass, field, fields, replace
from typing import Any

from emulator.cloud_api.rules.error_codes import CODES
from emulator.cloud_api.rules.errors import GraphError


def _share(about: str) -> Any:
    return field(default=0.0, metadata={"about": f"{about} (share, 0 to 1)"})


def _seconds(about: str) -> Any:
    return field(default=0.0, metadata={"about": f"{about} (seconds, at most)"})


def _code(usual: int, about: str) -> Any:
    return field(default=usual, metadata={"about": about})


@dataclass(frozen=True, slots=True)
class Chaos:
    """Probabilities and sizes of faults; none by default."""

    seed: int = field(
        default=0,
        metadata={"about": "the same seed gives the same faults"},
    )
    latency: float = _seconds("delay of Meta's answers")
    error_4: float = _share("HTTP 429: too many calls of this app")
    error_500: float = _share("HTTP 500: something went wrong")
    error_130429: float = _share("error: the number sends too fast")
    error_131056: float = _share("error: too many messages to this person")
    refuse: float = _share("error: refuse_code")
    refuse_code: int = _code(131000, "any of Meta's error codes")
    error_500_text: str = field(
        default="",
        metadata={"about": "HTTP 500, always: to messages with these words (text)"},
    )
    reset: float = _share("connection reset before anything is done")
    lost_answer: float = _share("connection reset after the message was accepted")
    duplicate: float = _share("webhook delivered twice")
    reorder: float = _share("webhook delivered before an earlier one")
    delay: float = _seconds("delay of webhooks")
    no_status: float = _share("status webhook lost")
    failed_later: float = _share("accepted message that fails later with failed_code")
    failed_code: int = _code(131026, "any of Meta's error codes")

    def changed(self, **values: Any) -> "Chaos":
        """With other values; ValueError for a name that is none, or a value out of range."""
        known = {one.name for one in fields(self)}
        if unknown := values.keys() - known:
            raise ValueError(f"there is no {min(unknown)}: choose from {', '.join(sorted(known))}")
        given: dict[str, Any] = {
            name: str(value) if name in TEXTS else _number(name, value)
            for name, value in values.items()
        }
        return replace(self, **given)

    def described(self) -> list[dict[str, Any]]:
        """Each switch: what it is about, its value, and the one with which nothing goes wrong."""
        return [
            {
                "name": one.name,
                "value": getattr(self, one.name),
                "usual": one.default,
                "about": one.metadata["about"],
            }
            for one in fields(self)
        ]


#: Codes and details of errors by switch, in the order of their draws.
REFUSALS = {
    "error_4": (4, "There have been too many calls from this app."),
    "error_500": (131000, "Something went wrong."),
    "error_130429": (130429, "Cloud API message throughput has been reached."),
    "error_131056": (131056, "Too many messages to the same phone number."),
}
TEXTS = frozenset({"error_500_text"})
SECONDS = frozenset({"latency", "delay"})
WHOLE = frozenset({"seed", "refuse_code", "failed_code"})


class FaultInjector:
    """Decides which fault comes next."""

    def __init__(self, chaos: Chaos | None = None) -> None:
        self.set(chaos or Chaos())

    def set(self, chaos: Chaos) -> None:
        """Other chances; the draws begin anew with its seed."""
        self.chaos = chaos
        self._random = random.Random(chaos.seed)

    def hits(self, name: str) -> bool:
        share: float = getattr(self.chaos, name)
        return share > 0 and self._random.random() < share

    def seconds(self, name: str) -> float:
        most: float = getattr(self.chaos, name)
        return self._random.uniform(0, most) if most else 0.0

    def place(self, places: int) -> int:
        """One of so many."""
        return self._random.randrange(places)

    def refusal(self, body: Any) -> GraphError | None:
        """Return why a request is refused, or None. `body` is its JSON."""
        words = self.chaos.error_500_text
        if words and isinstance(body, dict) and words in json.dumps(body, ensure_ascii=False):
            return GraphError(*REFUSALS["error_500"])
        hits = (drawn for name, drawn in REFUSALS.items() if self.hits(name))
        first = next((GraphError(code, details) for code, details in hits), None)
        if first is None and self.hits("refuse"):
            return GraphError(self.chaos.refuse_code, "Refused on purpose (refuse).")
        return first


def _number(name: str, value: Any) -> float:
    try:
        number = int(value) if name in WHOLE else float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a number") from None
    if name.endswith("_code") and number not in CODES:
        raise ValueError(f"{name} is not one of Meta's error codes: {', '.join(map(str, CODES))}")
    most = 60 if name in SECONDS else 1
    if name not in WHOLE and not 0 <= number <= most:
        raise ValueError(f"{name} is between 0 and {most}")
    return number
