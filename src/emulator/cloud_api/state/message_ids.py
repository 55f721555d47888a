"""Ids of messages, and whose conversation each belongs to."""

import json
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from emulator.cloud_api.state.people import Person

#: Messages whose person is remembered.
MAX_KEPT_MESSAGES = 50_000


class MessageIds:
    """Those of one account. No id is given twice, also after a restart: all are random."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, Person] = OrderedDict()

    def new(self, person: Person) -> str:
        """Return an id of a message that a person sends or receives."""
        wamid = f"wamid.{secrets.token_urlsafe(24)}"
        self._owners[wamid] = person
        while len(self._owners) > MAX_KEPT_MESSAGES:
            self._owners.popitem(last=False)
        return wamid

    def owner(self, wamid: str) -> Person | None:
        """Return the person who sent or received a message."""
        return self._owners.get(wamid)

    def learn(self, people: Iterable[Person]) -> None:
        """Remember the ids in conversations of an earlier run."""
        for person in people:
            self._owners.update({one["id"]: person for one in person.entries if "id" in one})

    def forget(self, person: Person) -> None:
        """Forget the messages of a person."""
        for wamid in [one for one, owner in self._owners.items() if owner is person]:
            del self._owners[wamid]

    def renewed(self, body: Any) -> Any:
        """Return a webhook with new ids of its messages, as if they were sent again."""
        text = json.dumps(body)
        for wamid in {one["id"] for one in _messages(body)}:
            if person := self._owners.get(wamid):
                text = text.replace(json.dumps(wamid), json.dumps(self.new(person)))
        return json.loads(text)


def _messages(body: Any) -> Iterator[dict[str, Any]]:
    for entry in body["entry"]:
        for change in entry["changes"]:
            yield from change["value"].get("messages", [])
