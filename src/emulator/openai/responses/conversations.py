"""Conversations that are kept: items that responses read, and add to.

Source: platform.openai.com/docs/api-reference/conversations
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from emulator.json import JsonObject
from emulator.openai.refused import RefusedRequest
from emulator.openai.responses.items import Item

#: Conversations that are kept; the oldest are forgotten first.
MAX_KEPT_CONVERSATIONS = 500
#: Beginning of the id of a conversation.
PREFIX = "conv_"


@dataclass(slots=True)
class Conversation:
    """Items in the order in which they came."""

    metadata: JsonObject
    id: str = field(default_factory=lambda: f"{PREFIX}{secrets.token_hex(24)}")
    created_at: int = field(default_factory=lambda: int(time.time()))
    items: list[Item] = field(default_factory=list)

    def add(self, *given: Iterable[Item]) -> list[Item]:
        """Add the items that are not here yet; return them."""
        known = {one["id"] for one in self.items}
        added = [one for items in given for one in items if one["id"] not in known]
        self.items.extend(added)
        return added

    def item(self, item_id: str) -> Item:
        """Return an item. Raise RefusedRequest if it is not here."""
        for one in self.items:
            if one["id"] == item_id:
                return one
        text = f"Item with id '{item_id}' not found in conversation '{self.id}'."
        raise RefusedRequest(text, status=404)

    def shown(self) -> JsonObject:
        return {
            "id": self.id,
            "object": "conversation",
            "created_at": self.created_at,
            "metadata": self.metadata,
        }


@dataclass(slots=True)
class ConversationStore:
    """Conversations by id."""

    _kept: dict[str, Conversation] = field(default_factory=dict)

    def create(self, metadata: JsonObject, items: Iterable[Item]) -> Conversation:
        made = Conversation(metadata)
        made.add(items)
        self._kept[made.id] = made
        if len(self._kept) > MAX_KEPT_CONVERSATIONS:
            del self._kept[next(iter(self._kept))]
        return made

    def get(self, conversation_id: str) -> Conversation:
        """Return a conversation. Raise RefusedRequest if it is not kept."""
        if conversation_id not in self._kept:
            text = f"Conversation with id '{conversation_id}' not found."
            raise RefusedRequest(text, status=404)
        return self._kept[conversation_id]

    def named(self, conversation_id: Any) -> Conversation:
        """Return the conversation that a request names. Raise RefusedRequest for no such id."""
        if not isinstance(conversation_id, str) or not conversation_id.startswith(PREFIX):
            raise RefusedRequest(
                f"Invalid 'conversation': '{conversation_id}'. Expected an ID that begins with "
                f"'{PREFIX}'.",
                param="conversation",
                code="invalid_value",
            )
        return self.get(conversation_id)

    def delete(self, conversation_id: str) -> None:
        del self._kept[self.get(conversation_id).id]
