"""Responses that are kept, so that the next request can go on from them."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.openai.refused import RefusedRequest

#: Responses that are kept; the oldest are forgotten first.
MAX_KEPT_RESPONSES = 500


@dataclass(frozen=True, slots=True)
class KeptResponse:
    """A response with the items of its input, those of earlier responses included."""

    shown: Mapping[str, Any]
    items: Sequence[Mapping[str, Any]]

    @property
    def all_items(self) -> list[Mapping[str, Any]]:
        return [*self.items, *self.shown["output"]]


@dataclass(slots=True)
class ResponseStore:
    """Responses by id."""

    _kept: dict[str, KeptResponse] = field(default_factory=dict)

    def keep(self, shown: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
        self._kept[shown["id"]] = KeptResponse(copy.deepcopy(shown), list(items))
        if len(self._kept) > MAX_KEPT_RESPONSES:
            del self._kept[next(iter(self._kept))]

    def get(self, response_id: str) -> KeptResponse:
        """Raise RefusedRequest for a response that is not kept."""
        if response_id not in self._kept:
            raise RefusedRequest(f"Response with id '{response_id}' not found.", status=404)
        return self._kept[response_id]

    def previous(self, response_id: Any) -> KeptResponse:
        """Return the response that a request goes on from."""
        if response_id not in self._kept:
            raise RefusedRequest(
                f"Previous response with id '{response_id}' not found.",
                param="previous_response_id",
                code="previous_response_not_found",
            )
        return self._kept[response_id]

    def delete(self, response_id: str) -> None:
        del self._kept[self.get(response_id).shown["id"]]
