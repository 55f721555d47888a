"""Conversations that the phone page saves as tests of the project."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config

STORY = 'story: "Hi"\nfrom: "1555#######"\nturns:\n- say: "hello"\n'


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("A table for two!", "a-table-for-two"),
        ("../../src/main", "src-main"),
        ("¿Hablás español?", "hablás-español"),
        ("…", "story"),
    ],
)
def test_a_title_makes_the_name_of_a_new_file(tmp_path: Path, title: str, name: str) -> None:
    with TestClient(create_emulator(Config(stories_folder=tmp_path / "stories"))) as browser:
        for expected in (name, f"{name}-2"):
            answer = browser.post("/emulator/stories", json={"title": title, "text": STORY})
            file = tmp_path / f"stories/{expected}.yaml"
            assert answer.json() == {"name": expected, "file": file.as_posix()}
            assert file.read_text("utf-8") == STORY


def test_what_is_no_story_is_explained(tmp_path: Path) -> None:
    with TestClient(create_emulator(Config(stories_folder=tmp_path / "stories"))) as browser:
        answer = browser.post(
            "/emulator/stories", json={"title": "x", "text": "story: x\nturns:\n"}
        )
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("This conversation is no story")
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_the_browser_keeps_it() -> None:
    with TestClient(create_emulator(Config())) as browser:
        answer = browser.post("/emulator/stories", json={"title": "x", "text": STORY})
        assert answer.json() == {"name": None}
