"""Kills the bot while a batch is accepted and goes out, and counts what arrives.

`PYTHONPATH=src:. python -m tests.features.notifications.kills 10 1000 [SEED]` kills it ten times
during a batch of 1,000, and prints the figures. Nothing may be lost, and nothing comes twice: the
statuses that Meta delivers again prove what the killed process had sent.
"""

import json
import random
import sqlite3
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.dev_server import AS_THE_BOT, DevServer, is_served

from emulator.cloud_api.config import Config
from emulator.cloud_api.testing import completed

KEY = "kills-key-kills-key-kills-key-kills-key"
TEMPLATE = {
    "name": "order_update",
    "language": "en",
    "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Hi {{1}}, your order {{2}} is on its way."}],
}
#: Longest time between two kills, in seconds.
LONGEST_LIFE = 4.0
#: Longest wait for the last message: what was being sent waits for its status, then for a retry.
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch."""

    #: People who got nothing, and those who got it more than once.
    lost: Sequence[str]
    twice: Mapping[str, int]
    #: How often the request was sent, until it was answered.
    posts: int
    #: Ids of the answers to the request, repeated once more at the end.
    batches: frozenset[str]
    #: Messages by the status that the ledger has in the end.
    statuses: Mapping[str, int]
    seconds: float


class Kills:
    """A batch, and a bot that does not live long."""

    def __init__(self, folder: Path, items: int, seed: int) -> None:
        self.server = DevServer(
            folder,
            NOTIFICATIONS_API_KEY=KEY,
            MESSAGES_PER_SECOND="80",
            AIRTABLE_API_KEY="",
            LOG_LEVEL="WARNING",
        )
        self._people = [f"57320{number:07}" for number in range(items)]
        self._chance = random.Random(seed)
        self._posts = 0
        self._batches: set[str] = set()

    def run(self, kills: int) -> Outcome:
        """Kill the bot so many times, from before the batch is accepted on; wait for its end."""
        began = time.monotonic()
        self._create_template()
        for _ in range(kills):
            self._live(self._chance.uniform(0.0, LONGEST_LIFE))
            self.server.kill_bot()
            self.server.start_bot()
        self._until_served()
        while not self._batches:
            self._post()
        deadline = time.monotonic() + PATIENCE
        while self._open() and time.monotonic() < deadline:
            time.sleep(0.5)
        self._post()  # its caller may have missed the answer
        got = {who: self._got(who) for who in self._people}
        return Outcome(
            [who for who, count in got.items() if not count],
            {who: count for who, count in got.items() if count > 1},
            self._posts,
            frozenset(self._batches),
            self._statuses(),
            time.monotonic() - began,
        )

    def close(self) -> None:
        self.server.close()

    def _live(self, seconds: float) -> None:
        """Have the bot run for a while; the batch is posted until it was answered."""
        self._until_served()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if not self._batches:
                self._post(timeout=max(0.05, ends - time.monotonic()))
            time.sleep(min(0.05, max(0.0, ends - time.monotonic())))

    def _post(self, timeout: float = 30.0) -> None:
        """Post the batch once, as a caller does who knows no answer yet."""
        template = {"name": "order_update", "language": "en", "parameters": ["Ana", "A-17"]}
        items = [{"to": f"+{who}", "template": template} for who in self._people]
        self._posts += 1
        try:
            answer = self._send(
                f"http://127.0.0.1:{self.server.bot_port}/api/v1/notifications",
                {"items": items},
                {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "kills"},
                timeout,
            )
        except OSError:  # no answer, or one that says to come again
            return
        self._batches.add(str(answer["batch_id"]))

    def _create_template(self) -> None:
        self.server.wait_for_emulator()
        url = f"{self.server.emulator_url}/v25.0/{Config().business_account_id}/message_templates"
        self._send(url, completed(TEMPLATE), AS_THE_BOT)

    def _send(
        self, url: str, body: Any, headers: Mapping[str, str], timeout: float = 30.0
    ) -> dict[str, Any]:
        given = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(url, json.dumps(body).encode(), given)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def _until_served(self) -> None:
        self.server.wait_until(lambda: is_served(self.server.bot_port))

    def _statuses(self) -> Mapping[str, int]:
        with closing(sqlite3.connect(self.server.folder / "bot.db")) as connection:
            query = "SELECT status, count(*) FROM whatsapp_messages GROUP BY status"
            return dict(connection.execute(query).fetchall())

    def _open(self) -> int:
        """Return how many messages are not read yet: whoever gets one reads it."""
        return len(self._people) - self._statuses().get("READ", 0)

    def _got(self, who: str) -> int:
        url = f"{self.server.emulator_url}/emulator/contacts/{who}/messages"
        with urllib.request.urlopen(url) as answer:
            entries = json.load(answer)
        return Counter(one["type"] for one in entries if one["from"] == "bot")["template"]


def main(kills: int, items: int, seed: int) -> int:
    """Print what became of a batch; return 1 if anything was lost, or came twice."""
    with tempfile.TemporaryDirectory() as folder:
        killing = Kills(Path(folder), items, seed)
        try:
            found = killing.run(kills)
        finally:
            killing.close()
    statuses = ", ".join(f"{count:,} {name}" for name, count in sorted(found.statuses.items()))
    print(f"{kills} kills, {items:,} items, {found.seconds:.0f} s, {found.posts} POSTs")
    print(f"lost: {len(found.lost)}, twice: {len(found.twice)}, batches: {len(found.batches)}")
    print(f"in the ledger: {statuses}")
    return 1 if found.lost or found.twice or len(found.batches) != 1 else 0


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    raise SystemExit(main(*(given + [10, 1_000, 1][len(given) :])))
