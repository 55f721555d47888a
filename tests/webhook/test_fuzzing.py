"""Bodies that nobody has thought of: whatever stands beside a message, it is kept, once."""

import json
import random
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.web import NUMBER, text_message, webhook
from tests.webhook import fuzz_webhook
from tests.webhook.fuzz_webhook import check, take

RUNS = 5_000
SECONDS = 60

#: what Meta calls things, what we call them, and what neither does
NAMES = st.sampled_from(
    [
        *("object", "entry", "changes", "field", "value", "messages", "statuses", "contacts"),
        *("metadata", "errors", "id", "from", "from_", "from_user_id", "user_id", "wa_id"),
        *("profile", "name", "type", "text", "body", "timestamp", "system", "context", "group_id"),
        *("interactive", "button_reply", "list_reply", "code", "status", "previous_user_id"),
        *("unfit:messages", "unfit:entry", "unfit:text", "phone_number_id", "", "\0", "\ud800"),
    ]
)
ODD_TEXT = st.text(st.characters(codec=None), max_size=6) | st.sampled_from(["text", "x" * 5000])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT | st.just(10**4000)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
#: what may stand in an object beside the fields that lead to the messages
BESIDE = st.dictionaries(NAMES, ANYTHING, max_size=4)


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


@given(ANYTHING)
def test_whatever_is_json_can_be_stored_and_read_again(body: Any) -> None:
    check(encoded(body))


@given(BESIDE, BESIDE, BESIDE, BESIDE, st.lists(ANYTHING, max_size=5), st.randoms())
def test_a_message_is_kept_once_whatever_stands_beside_it(
    root: Any, entry: Any, change: Any, value: Any, others: list[Any], chance: random.Random
) -> None:
    if isinstance(value.get("metadata"), dict) and "phone_number_id" in value["metadata"]:
        value["metadata"]["phone_number_id"] = NUMBER  # of another one, it would not be a message
    messages = [text_message("wamid.witness.1"), text_message("wamid.witness.2"), *others]
    chance.shuffle(messages)
    body = root | {
        "entry": [
            entry | {"changes": [*others, change | {"value": value | {"messages": messages}}]},
            *others,
        ]
    }
    check(encoded(body))
    kept = [json.loads(job.body) for job in take(encoded(body)).jobs if job.kind == "message"]
    witnesses = [one["message"] for one in kept if "witness" in str(one["message"].get("id"))]
    assert sorted(witnesses, key=lambda one: one["id"]) == [
        text_message("wamid.witness.1"),
        text_message("wamid.witness.2"),
    ]


@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=6), max_size=4))
def test_no_message_with_an_id_and_a_sender_is_lost(odd: list[dict[str, Any]]) -> None:
    messages = [
        one | {"id": f"wamid.{number}", "from": "573001234567"} for number, one in enumerate(odd)
    ]
    for one in messages:
        one.pop("group_id", None)
    kept = take(encoded(webhook(*messages))).jobs
    ids = Counter(json.loads(job.body)["message"]["id"] for job in kept if job.kind == "message")
    assert ids == Counter(one["id"] for one in messages)


SPOILED = st.tuples(
    st.integers(0, 2000), st.integers(0, 12), st.binary(max_size=12) | st.sampled_from([b"[" * 999])
)


@given(st.lists(SPOILED, min_size=1, max_size=4))
def test_bytes_that_are_spoiled_on_the_way_are_kept_or_refused(
    spoiled: list[tuple[int, int, bytes]],
) -> None:
    statuses = [{"id": "wamid.0", "status": "failed", "errors": [{"code": 131026}]}]
    raw = encoded(webhook(text_message("wamid.1"), text_message("wamid.2"), statuses=statuses))
    for place, length, instead in spoiled:
        raw = raw[:place] + instead + raw[place + length :]
    check(raw)


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
def test_a_fuzzer_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "message").write_bytes(encoded(webhook(text_message("wamid.1"))))
    (tmp_path / "status").write_bytes(encoded(webhook(statuses=[{"id": "w", "status": "read"}])))
    options = [f"-runs={RUNS}", "-seed=20261121", "-max_len=2048", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, str(fuzz_webhook.__file__), *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert f"Done {RUNS} runs" in ended.stderr
