"""The map of the flows: an SVG for each flow and menu, safe and linked to the code."""

import asyncio
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from emulator.cloud_api.testing import ANA, CloudApiDouble
from emulator.flow_drawing import draw

PLACE = {"file": "src/flows/my flow.py", "line": 7}


def step(name: str, **more: Any) -> dict[str, Any]:
    text = {"en": f"Which <{name}>?"}
    return {"name": name, "kind": "question", "text": text, "place": PLACE, **more}


def flow(*steps: str, edges: list[tuple[str, str, str]]) -> dict[str, Any]:
    return {
        "name": "booking",
        "kind": "flow",
        "triggers": ["book", 'a "table"'],
        "place": PLACE,
        "text": {},
        "nodes": [step(one) for one in steps],
        "edges": [{"from": one, "to": to, "label": label} for one, to, label in edges],
        "leads_to": ["home", "booking"],
    }


def drawn(*definitions: dict[str, Any]) -> ElementTree.Element:
    """Return a map, which is well-formed XML."""
    page = draw({"root": "/my project", "definitions": definitions})
    return ElementTree.fromstring(f"<main>{page}</main>")


def test_steps_lead_to_their_lines_and_tell_their_texts() -> None:
    found = drawn(flow("guests", "day", edges=[("guests", "day", ""), ("day", "", "")]))
    nodes = found.findall(".//a[@data-node]")
    assert [one.get("data-node") for one in nodes] == ["guests", "day"]
    assert nodes[0].get("href") == "vscode://file/my%20project/src/flows/my%20flow.py:7"
    assert nodes[0].findtext("title") == "en: Which <guests>?\n→ day\nsrc/flows/my flow.py:7"
    assert '“a "table"”' in "".join(found.itertext())


def test_arrows_that_pass_each_other_have_tracks_of_their_own() -> None:
    edges = [("a", "c", "x"), ("a", "d", "y"), ("a", "b", ""), ("d", "a", "again"), ("c", "", "")]
    found = drawn(flow("a", "b", "c", "d", edges=edges))
    paths = [one.get("d") or "" for one in found.findall(".//path[@class='edge']")]
    tracks = [track for one in paths for track in re.findall(r"H(\d+)V", one)]
    assert len(paths) == len(edges)
    assert len(tracks) == 4
    assert len(set(tracks)) == len(tracks)
    assert {one.text for one in found.findall(".//text[@class='label']")} == {"x", "y", "again"}


def test_choices_of_a_menu_lead_to_flows_of_the_map() -> None:
    choices = [
        step("book", kind="choice", targets=["booking"], effects=["StartFlow"]),
        step("home", kind="choice", targets=["home"], effects=["ShowMenu"]),
        step("human", kind="choice", targets=[], effects=["TalkToHuman"]),
    ]
    menu = {**flow(edges=[]), "name": "main", "kind": "menu", "nodes": choices}
    found = drawn(menu, flow("guests", edges=[("guests", "", "")]))
    labels = [one.text for one in found.findall(".//text[@class='label']")]
    assert labels == ["booking", "home", "TalkToHuman"]
    links = found.findall(".//section[@id='main']//svg/a[@href]")
    assert [one.get("href") for one in links if "data-node" not in one.attrib] == ["#booking"]


async def test_the_page_shows_the_map_that_the_bot_sent_last(meta: CloudApiDouble) -> None:
    assert "sends its map" in (await meta.http.get("/flows")).text
    sent = {"root": "/", "definitions": [flow("guests", edges=[("guests", "", "")])]}
    assert (await meta.http.post("/emulator/bot/flows", json=sent)).status_code == 200
    before = meta.account.feed.last
    assert 'data-node="guests"' in (await meta.http.get("/flows")).text
    await meta.http.post("/emulator/bot/flows", json=sent)
    assert meta.account.feed.last == before  # nothing is new: pages stay as they are


@pytest.mark.parametrize("known", [{"flow": "booking", "sections": []}, None])
async def test_what_the_bot_knows_is_what_it_answers(
    meta: CloudApiDouble, known: dict[str, Any] | None
) -> None:
    orders = meta.account.orders

    async def answer() -> None:
        told = await orders.news({**orders.shown(), "show": []}, seconds=5)
        [asked] = told["show"]
        body = {"wa_id": asked["wa_id"], "known": known}
        await meta.http.post("/emulator/bot/people", json=body)

    shown, _ = await asyncio.gather(meta.http.get(f"/emulator/contacts/{ANA}/known"), answer())
    assert shown.json() == known
    assert orders.shown()["show"] == []


async def test_the_same_question_again_is_news_to_the_bot(meta: CloudApiDouble) -> None:
    orders, asked = meta.account.orders, []
    for _ in range(2):
        asking = asyncio.create_task(orders.ask(ANA, [ANA], seconds=60))
        await asyncio.sleep(0)
        asked.append(orders.shown())
        orders.answer(ANA, {})
        await asking
    assert asked[0] != asked[1]


def test_the_documentation_is_beside_the_pages_once_it_is_built(tmp_path: Path) -> None:
    with TestClient(create_emulator(Config(docs_folder=tmp_path))) as browser:
        missing = browser.get("/docs")
        assert missing.status_code == 404
        assert "python3 watch.py docs" in missing.text
        (tmp_path / "index.html").write_text("<h1>Docs</h1>")
        assert browser.get("/docs").text == "<h1>Docs</h1>"
        (tmp_path / "style.css").write_text("a {}\n" * 1000)
        assert browser.get("/site/style.css").headers["content-encoding"] == "gzip"
