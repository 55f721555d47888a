"""`watch.py templates` works with the account, and says what to do about errors."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.database_templates import make_file

from emulator.cloud_api.testing import CloudApiDouble
from features.templates.commands import commands
from features.templates.remedies import REMEDIES, explain
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Rejected
from services.operator_tables import TableSchema
from services.setup import BusinessAccount
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from utils.commands import CommandError

ORDER = """
name = "order"
language = "en"
category = "utility"
[[components]]
type = "BODY"
text = "Hi {{1}}, hello."
example.body_text = [["Ana"]]
"""


MENU = """
name = "menu"
language = "en"
category = "marketing"
[[components]]
type = "HEADER"
format = "IMAGE"
example.header_file = "{file}"
[[components]]
type = "BODY"
text = "Our menu of today."
"""


class EmulatedSetup:
    """An installation whose account is the emulator's."""

    schemas: Sequence[TableSchema] = ()

    def __init__(self, meta: CloudApiDouble, folder: Path) -> None:
        self._meta = meta
        self._file = folder / "bot.db"

    def settings_of(self, model: Any) -> Any:
        raise NotImplementedError

    async def settings_here(self, model: Any) -> Any:
        raise NotImplementedError

    def settings_with_model(self, model: Any) -> Any:
        raise NotImplementedError

    @asynccontextmanager
    async def open_account(self) -> AsyncIterator[BusinessAccount]:
        config = self._meta.config
        api = CloudApi(
            self._meta.http,
            token=config.access_token,
            phone_number_id=config.phone_number_id,
            base_url="http://meta",
        )
        yield BusinessAccount(api, config.business_account_id)

    @asynccontextmanager
    async def open_database(self) -> AsyncIterator[GroupCommit]:
        make_file(self._file)
        database = GroupCommit(open_engine(f"sqlite:///{self._file}"))
        yield database
        await database.close()

    def run_check(self, name: str, *, as_object: bool) -> int:
        raise NotImplementedError


Run = Callable[..., int]


@pytest.fixture
def meta() -> Iterator[CloudApiDouble]:
    meta = CloudApiDouble()
    yield meta
    asyncio.run(meta.close())


@pytest.fixture
def run(meta: CloudApiDouble, tmp_path: Path) -> Run:
    [command] = commands(EmulatedSetup(meta, tmp_path))
    return lambda *arguments: command.run([str(one) for one in arguments])


@pytest.fixture
def order(tmp_path: Path) -> Path:
    file = tmp_path / "order.toml"
    file.write_text(ORDER)
    return file


def keys(meta: CloudApiDouble) -> list[str]:
    return [f"{one['name']}:{one['language']}" for one in meta.account.templates.listed()]


def test_a_file_becomes_a_template(
    run: Run, meta: CloudApiDouble, order: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("create", order) == 0
    assert capsys.readouterr().out == "order:en  PENDING  UTILITY\n"
    assert run("list") == 0
    assert "order:en  PENDING  UNKNOWN  UTILITY" in capsys.readouterr().out
    assert run("show", "order") == 0
    assert "Hi {{1}}, hello." in capsys.readouterr().out
    assert run("list", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["key"] for row in rows] == ["hello_world:en_US", "order:en"]


def test_what_meta_refuses_has_a_remedy(run: Run, order: Path) -> None:
    run("create", order)
    with pytest.raises(CommandError, match=r"(?s)already content.*Edit that one"):
        run("create", order)


def test_what_meta_would_refuse_is_not_sent(
    run: Run, meta: CloudApiDouble, order: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("create", order, "--check") == 0
    assert "nothing is wrong" in capsys.readouterr().out
    order.write_text(ORDER.replace("example", "sample"))
    with pytest.raises(CommandError, match=r"components\[0\]: .*Write example.body_text"):
        run("create", order)
    order.write_text("name =")
    with pytest.raises(CommandError, match="is no TOML"):
        run("create", order)
    with pytest.raises(CommandError, match="cannot be read"):
        run("create", order.with_name("other.json"))
    with pytest.raises(CommandError, match="Give a file, or --ready NAME"):
        run("create")
    assert keys(meta) == ["hello_world:en_US"]


def test_a_ready_template_is_created_in_all_of_its_languages(
    run: Run, meta: CloudApiDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list", "--ready") == 0
    assert "order_update  UTILITY  en, es, pt_BR" in capsys.readouterr().out
    assert run("create", "--ready", "order_update", "--name", "parcel") == 0
    assert keys(meta)[1:] == ["parcel:en", "parcel:es", "parcel:pt_BR"]
    assert run("create", "--ready", "login_code", "--language", "es") == 0
    assert keys(meta)[-1] == "login_code:es"
    with pytest.raises(CommandError, match=r"There is no order: appointment_reminder, "):
        run("create", "--ready", "order")
    with pytest.raises(CommandError, match=r"There is no fr: en, es, pt_BR\."):
        run("create", "--ready", "login_code", "--language", "fr")


def test_an_approved_template_is_edited(run: Run, meta: CloudApiDouble, order: Path) -> None:
    run("create", order)
    with pytest.raises(CommandError, match="under review"):
        run("edit", "order:en", order)
    meta.clock.now += 60
    order.write_text(ORDER.replace("hello", "good morning"))
    assert run("edit", "order:en", order) == 0
    [found] = meta.account.templates.listed(name="order")
    assert found["components"][0]["text"] == "Hi {{1}}, good morning."
    with pytest.raises(CommandError, match="There is no template parcel:en"):
        run("edit", "parcel:en", order)


def test_a_template_is_deleted_only_with_a_yes(
    run: Run, meta: CloudApiDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    run("create", "--ready", "order_update")
    with pytest.raises(CommandError, match="give --yes"):
        run("delete", "order_update:es")
    assert run("delete", "order_update:es", "--yes") == 0
    assert "Deleted: order_update:es." in capsys.readouterr().out
    assert keys(meta)[1:] == ["order_update:en", "order_update:pt_BR"]
    assert run("delete", "order_update", "--yes") == 0
    assert keys(meta) == ["hello_world:en_US"]


def test_the_bot_is_asked_to_read_the_templates(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sync") == 0
    assert "The bot reads the templates within a second" in capsys.readouterr().out


@pytest.mark.parametrize("code", REMEDIES)
def test_every_error_has_its_own_remedy(code: int) -> None:
    assert explain(Rejected("refused", subcode=code)).endswith(REMEDIES[code])
    assert explain(Rejected("refused", code=code)).endswith(REMEDIES[code])


def test_the_example_of_a_header_is_uploaded(
    run: Run, meta: CloudApiDouble, tmp_path: Path
) -> None:
    (tmp_path / "menu.toml").write_text(MENU.format(file="menu.png"))
    (tmp_path / "menu.png").write_bytes(b"\x89PNG of a menu")
    assert run("create", tmp_path / "menu.toml") == 0
    created = meta.account.templates.find("menu", "en")
    assert created is not None
    [handle] = created.components[0]["example"]["header_handle"]
    assert handle.startswith("4::")


@pytest.mark.parametrize(
    ("file", "told"),
    [("menu.gif", "takes .jpg, .jpeg, .png"), ("gone.png", "is not there")],
)
def test_a_header_names_a_file_that_is_there(
    run: Run, tmp_path: Path, file: str, told: str
) -> None:
    (tmp_path / "menu.toml").write_text(MENU.format(file=file))
    (tmp_path / "menu.gif").write_bytes(b"GIF89a")
    with pytest.raises(CommandError, match=told):
        run("create", tmp_path / "menu.toml", "--check")
