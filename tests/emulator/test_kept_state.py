"""What the emulator knows outlives it: a new one goes on where the one before was killed."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.airtable.config import AirtableConfig
from emulator.app import create_app
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import MAX_FILED_ENTRIES, Person
from emulator.cloud_api.testing import ANA, CloudApiDouble
from emulator.kept_state import StateWriter
from emulator.state_folder import STATE_FILE, UNREADABLE_FILE, StateFolder

NUMBERS = Config(more_numbers={"100000000000002": "15550000002"})
PACED = {
    "name": "paced_offer",
    "language": "en",
    "category": "MARKETING",
    "components": [{"type": "BODY", "text": "Today only."}],
}


def text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


async def lived(meta: CloudApiDouble) -> Person:
    """Let some of everything happen."""
    account = meta.account
    ana = account.people.get(ANA)
    ana.introduce("Ana", hides_phone=True)
    ana.wants_offers = False
    file_id = account.files.keep(b"jpeg" * 1_000, "image/jpeg")
    account.say(ana, {"type": "image", "image": {"id": file_id, "mime_type": "image/jpeg"}})
    account.say(ana, text("hello"), to="100000000000002")
    await meta.send("text", {"body": "hi"})
    meta.add_template(PACED)
    await meta.send("template", {"name": "paced_offer", "language": {"code": "en"}})
    account.calls.ring(ana)
    account.number.set_pin("123456")
    account.links.save({"prefilled_message": "hello"})
    account.subscriptions["whatsapp_business_account"] = {"active": True}
    account.is_subscribed = False
    account.clock.advance(90_000)
    await account.webhooks.idle()
    return ana


def again(folder: Path, config: Config = NUMBERS) -> tuple[Account, StateFolder]:
    account: Account = create_emulator(config, poster=_take).state.account
    state = StateFolder(folder, account)
    assert state.load()
    return account, state


async def _take(body: bytes, headers: dict[str, str]) -> int:
    return 200


def tree(account: Account) -> Any:
    return StateWriter(lambda value: value.hex()).write(account)


async def test_everything_outlives_the_emulator(tmp_path: Path) -> None:
    meta = CloudApiDouble(NUMBERS)
    ana = await lived(meta)
    await StateFolder(tmp_path, meta.account).save()
    account, _ = again(tmp_path)
    assert tree(account) == tree(meta.account)
    known = account.people.get(ANA)
    assert known.username == "ana_here"
    assert known.entries.maxlen == ana.entries.maxlen


async def test_the_next_emulator_works_with_what_it_read(tmp_path: Path) -> None:
    """Ids of before are known, calls end, and held messages are reported."""
    meta = CloudApiDouble(NUMBERS)
    ana = await lived(meta)
    sent = next(one["id"] for one in reversed(ana.entries) if "id" in one)
    await StateFolder(tmp_path, meta.account).save()
    account, _ = again(tmp_path)
    account.resume()
    owner = account.ids.owner(sent)
    assert owner is not None
    assert owner is account.people.known(None, ana.user_id)
    assert owner.entries[-1]["type"] == "call"
    template = account.templates.find("paced_offer", "en")
    assert template is not None
    account.change_template(template, "message_template_status_update", "APPROVED")
    before = account.feed.last
    account.say(owner, text("still here"))
    assert account.feed.last == before + 1
    await account.webhooks.idle()
    told = json.dumps([one["request"] for one in account.traffic_log.all()])
    assert '"event": "terminate"' in told
    assert '"status": "delivered"' in told


async def test_a_webhook_that_no_bot_took_is_posted_by_the_next_emulator(tmp_path: Path) -> None:
    taken: list[bytes] = []

    async def refuse(body: bytes, headers: dict[str, str]) -> int:
        await folder.save()  # and the emulator is killed here
        raise RuntimeError

    async def take(body: bytes, headers: dict[str, str]) -> int:
        taken.append(body)
        return 200

    account: Account = create_emulator(NUMBERS, poster=refuse).state.account
    folder = StateFolder(tmp_path, account)
    account.say(account.people.get(ANA), text("hello"))
    account.say(account.people.get(ANA), text("anybody there?"))
    [posting] = account.webhooks._posting.values()
    with pytest.raises(RuntimeError):
        await posting
    later: Account = create_emulator(NUMBERS, poster=take).state.account
    assert StateFolder(tmp_path, later).load()
    later.resume()
    await later.webhooks.idle()
    assert b"hello" in b"".join(taken).partition(b"anybody there")[0]


async def test_only_what_changed_is_written_and_files_that_are_gone_go(tmp_path: Path) -> None:
    account: Account = create_emulator(NUMBERS).state.account
    folder = StateFolder(tmp_path, account)
    file_id = account.files.keep(b"x" * 5_000, "image/png")
    await folder.save()
    written = (tmp_path / STATE_FILE).stat()
    await folder.save()
    assert (tmp_path / STATE_FILE).stat() == written
    assert [one.stat().st_size for one in (tmp_path / "files").iterdir()] == [5_000]
    account.files.delete(file_id)
    await folder.save()
    assert [*(tmp_path / "files").iterdir()] == []


async def test_the_file_has_the_newest_entries_only(tmp_path: Path) -> None:
    account: Account = create_emulator(NUMBERS).state.account
    for number in range(MAX_FILED_ENTRIES + 5):
        account.people.get(ANA).add({"from": "bot", "type": "read", "message_id": str(number)})
    await StateFolder(tmp_path, account).save()
    later, _ = again(tmp_path)
    known = later.people.get(ANA)
    assert (len(known.entries), known.count) == (MAX_FILED_ENTRIES, MAX_FILED_ENTRIES + 5)
    assert known.entries[-1]["message_id"] == str(MAX_FILED_ENTRIES + 4)


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        '{"$object": "emulator.nowhere:Account", "number": 0, "kept": {}}',
        '{"$object": "os:system", "number": 0, "kept": {}}',
        "[]",
    ],
)
def test_a_state_that_cannot_be_read_is_set_aside(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / STATE_FILE).write_text(content)
    app = create_app(Config(state_folder=tmp_path), AirtableConfig())
    assert [one.name for one in app.state.account.people.recent(5)] == ["Ana", "Lucía", "Kim"]
    assert (tmp_path / UNREADABLE_FILE).read_text() == content
    assert "starts afresh" in capsys.readouterr().err


def test_an_attribute_that_cannot_be_kept_is_an_error() -> None:
    account: Account = create_emulator(NUMBERS).state.account
    vars(account)["forgotten"] = object()
    with pytest.raises(TypeError, match="NOT_KEPT"):
        tree(account)
