"""Writes the table of all settings in docs/configuration.md."""

import re
from collections.abc import Iterator
from pathlib import Path

from app.composition.features import settings_models
from config.env import Models, Settings
from config.file.sections import FileKey, all_keys, section_of, settings_sections

FILE = Path("docs/configuration.md")
BEGIN = "<!-- settings: `python3 watch.py env-example` -->\n"
END = "<!-- end of settings -->"
#: Settings that people look for in the section `whatsapp`, with the key that is shown.
SHOWN = {
    "WP_PHONE_ID": "phone_number_id",
    "WP_BID": "business_account_id",
    "WEBHOOK_VERIFY_TOKEN": "verify_token",
    **{name: name.lower() for name in ("API_VERSION", "HOST", "PORT", "PHONE_ALLOWLIST")},
}


def write_table(file: Path = FILE) -> Iterator[Path]:
    """Write the table into the page, and yield its path; nothing where there is none."""
    if file.is_file():
        text = file.read_text(encoding="utf-8")
        file.write_text(with_table(text), encoding="utf-8")
        yield file


def with_table(page: str) -> str:
    """Return the page with the table of today."""
    table = "\n".join(_rows((Settings, *settings_models())))
    pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
    return re.sub(pattern, lambda _: f"{BEGIN}{table}\n{END}", page, flags=re.DOTALL)


def _rows(models: Models) -> Iterator[str]:
    yield "| in the file | in the environment | |"
    yield "|---|---|---|"
    for key in all_keys(models):
        yield f"| `{_place(key, models)}` | `{key.name}` | {key.info.description} |"


def _place(key: FileKey, models: Models) -> str:
    """Return where people would write a setting."""
    if key.name in SHOWN:
        return f"whatsapp.{SHOWN[key.name]}"
    sections = settings_sections(models)
    is_account = key.name.startswith(("WP_", "WHATSAPP_"))
    preferred = ("ai", "whatsapp") if is_account else ("ai",)
    return next(
        f"{section}.{name}"
        for section in (*preferred, section_of(key.model))
        for name, found in sections.get(section, {}).items()
        if found.name == key.name
    )
