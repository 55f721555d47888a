"""The files of deploy/ name commands, settings and addresses that exist."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.composition.features import settings_models
from app.development.given_settings import setting_names
from routes.health_routes import router

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(
    path for path in DEPLOY.rglob("*") if path.suffix in {".json", ".toml", ".yaml", ".service"}
)
#: What Python and uvicorn read by themselves.
BESIDE_OURS = {"FORWARDED_ALLOW_IPS", "PYTHONPATH", "PYTHONUNBUFFERED"}
READERS: Mapping[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": lambda text: [*yaml.safe_load_all(text)],
}
NAME = re.compile(r"\b([A-Z][A-Z_]+)=")


@pytest.fixture(params=FILES, ids=lambda path: path.relative_to(DEPLOY).as_posix())
def content(request: pytest.FixtureRequest) -> Any:
    path: Path = request.param
    text = path.read_text("utf-8")
    read = READERS.get(path.suffix)
    return read(text) if read else text


def strings(value: Any) -> Iterator[str]:
    """Yield every string in a value; a list of strings also as one command."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings([*value.values()])
    elif isinstance(value, list):
        yield " ".join(one for one in value if isinstance(one, str))
        for one in value:
            yield from strings(one)


def settings_in(value: Any) -> Iterator[str]:
    """Yield the names of settings, however a host writes them."""
    for text in strings(value):
        yield from NAME.findall(text)
    for one in dictionaries(value):
        if "value" in one or "fromDatabase" in one:
            yield one.get("name") or one["key"]
        yield from (key for key, each in one.items() if key.isupper() and isinstance(each, str))


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = [*value.values()]
    if isinstance(value, list):
        for one in value:
            yield from dictionaries(one)


def test_its_settings_are_settings_of_the_bot(content: Any) -> None:
    names = set(settings_in(content))
    assert names
    assert names - BESIDE_OURS - set(setting_names(settings_models())) == set()


def test_its_commands_are_programs_of_the_bot(content: Any) -> None:
    programs = {name for text in strings(content) for name in re.findall(r"-m (\S+)", text)}
    assert programs
    for name in programs:
        path = ROOT / "src" / name.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_its_addresses_of_health_are_served(content: Any) -> None:
    asked = {text for text in strings(content) if text.startswith("/health")}
    assert asked <= {route.path for route in router.routes}  # type: ignore[attr-defined]


def test_the_page_leads_to_every_file() -> None:
    page = (ROOT / "docs/deployment.md").read_text("utf-8")
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        assert name in page or f"(../{path.parent.relative_to(ROOT).as_posix()})" in page
