"""What a web page of a stranger may make a developer's browser send: nothing that counts."""

from collections.abc import AsyncIterator

import httpx
import pytest
from openai import AsyncOpenAI
from starlette.applications import Starlette

from emulator.airtable.config import AirtableConfig
from emulator.app import create_app
from emulator.cloud_api.config import Config
from emulator.loopback import LoopbackServer
from emulator.openai.state import KEY

SAY = "/emulator/contacts/15551234567/messages"
TEXT = {"type": "text", "text": {"body": "hello"}}


@pytest.fixture
def app() -> Starlette:
    return create_app(Config(allowed_hosts=frozenset({"emulator.example"})), AirtableConfig())


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:5001") as client:
        yield client


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        *(("127.0.0.1:5001", True), ("localhost:5001", True), ("[::1]:5001", True)),
        *(("192.168.1.7:5001", True), ("emulator:5001", True), ("bot.localhost", True)),
        *(("host.docker.internal:5001", True), ("emulator.example:5001", True)),
        *(("attacker.example:5001", False), ("127.0.0.1.attacker.example", False)),
        *(("localhost.attacker.example", False), ("", False), ("[::1", False)),
    ],
)
@pytest.mark.parametrize("path", ["/phone", "/emulator/contacts", "/emulator/exchanges"])
async def test_a_page_whose_name_leads_here_reads_nothing(
    http: httpx.AsyncClient, host: str, path: str, is_ours: bool
) -> None:
    answer = await http.get(path, headers={"Host": host})
    assert answer.status_code == (200 if is_ours else 403)


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://127.0.0.1:5000"])
async def test_a_page_of_another_origin_changes_nothing(
    app: Starlette, http: httpx.AsyncClient, origin: str
) -> None:
    for path in (SAY, "/emulator/exchanges/1/replay", "/v25.0/me", "/openai/v1/moderations"):
        answer = await http.post(path, json=TEXT, headers={"Origin": origin})
        assert answer.status_code == 403
    file = {"Origin": origin, "Content-Type": "text/plain"}
    assert (await http.post(SAY.replace("messages", "files"), headers=file)).status_code == 403
    assert list(app.state.account.people.get("15551234567").entries) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_changes_something_is_sent_as_json(http: httpx.AsyncClient, kind: str) -> None:
    for path in (SAY, "/emulator/exchanges/1/replay", "/emulator/chaos", "/emulator/clock"):
        answer = await http.post(path, content=b"{}", headers={"Content-Type": kind})
        assert answer.status_code == 415
    same = {"Origin": "http://127.0.0.1:5001", "Content-Type": "application/json; charset=utf-8"}
    moved = await http.post("/emulator/clock", content=b'{"seconds": 1}', headers=same)
    assert moved.status_code == 200


async def test_programs_reach_it_under_all_its_names(app: Starlette) -> None:
    server = LoopbackServer(app)
    await server.start()
    for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
        client = AsyncOpenAI(api_key=KEY, base_url=f"{url}/openai/v1", max_retries=0)
        async with client:
            assert (await client.models.list()).data
            said = await client.moderations.create(model="m", input="hello")
            assert not said.results[0].flagged
        async with httpx.AsyncClient(base_url=url) as http:
            token = {"Authorization": f"Bearer {AirtableConfig().token}"}
            tables = f"/airtable-api/v0/meta/bases/{AirtableConfig().base_id}/tables"
            assert (await http.get(tables, headers=token)).status_code == 200
    await server.stop()
