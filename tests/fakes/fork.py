"""The bot as somebody who forked it has it: with a flow of their own."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from app.composition.conversations import TEXTS
from app.composition.features import feature_texts
from flow_engine import Flow
from flows import main_menu
from texts.catalogue import Texts


def add_flow(patch: pytest.MonkeyPatch, folder: Path, flow: Flow[Any], texts: str) -> None:
    """What a new file in `flows` does, and its texts at the end of each language's."""
    copy = folder / "texts"
    if not copy.exists():
        shutil.copytree(TEXTS, copy)
        for language in copy.glob("*.toml"):
            language.write_text(f"{language.read_text()}\n{texts}")
    patch.setattr(main_menu, flow.name, flow, raising=False)
    patch.setattr(
        "app.composition.conversations.load_texts", lambda: Texts.load(copy, *feature_texts())
    )
