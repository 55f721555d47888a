"""The bot as somebody who forked it has it: with a flow of their own."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.sample.flows import main_menu

from app.composition.catalogue import load_texts
from app.composition.features import feature_texts
from flow_engine import Flow
from texts.catalogue import Texts

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def add_flow(
    patch: pytest.MonkeyPatch, folder: Path, flow: Flow[Any], texts: str | Mapping[str, str]
) -> None:
    """What a new file in `flows` does, and its texts at the end of each language's.

    One text for all languages, or one for each.
    """
    copy = folder / "texts"
    if not copy.exists():
        shutil.copytree(load_texts().folders[0], copy)
        for language in copy.glob("*.toml"):
            added = texts if isinstance(texts, str) else texts[language.stem]
            language.write_text(f"{language.read_text()}\n{added}")
    patch.setattr(main_menu, flow.name, flow, raising=False)
    patch.setattr(
        "app.composition.conversations.load_texts", lambda: Texts.load(copy, *feature_texts())
    )


def texts_of_the_readme() -> dict[str, str]:
    """The texts of the README's flow, by language: the first there, the others in docs/flows.md."""
    pages = README + (ROOT / "docs/flows.md").read_text()
    blocks = re.findall(r"```toml\n(\[booking\].+?)```", pages, re.DOTALL)
    return dict(zip(("en", "es", "pt"), blocks, strict=True))


def of_the_readme(name: str, trigger: str) -> tuple[str, str]:
    """The code and the texts of the README's flow, under a name and a trigger of one's own."""
    [code] = re.findall(r'```python\n("""Book a table.+?)```', README, re.DOTALL)
    texts = texts_of_the_readme()["en"]
    code = code.replace('("book", "reservar", "reserva")', f'("{trigger}",)')
    code = code.replace('name="booking"', f'name="{name}"').replace('"booking.', f'"{name}.')
    code = code.replace('"bookings"', f'"{name}s"')
    return code, texts.replace("[booking", f"[{name}")
