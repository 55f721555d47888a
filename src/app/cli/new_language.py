"""The files of a new language: those of the language that is there already, to be translated."""

import re
from collections.abc import Iterator
from pathlib import Path

from app.cli.new_names import BadName
from flow_engine import LANGUAGES

#: The language whose texts a new one starts with.
MODEL = "en"
#: Where a language has files; `{language}` is its code.
PLACES = (
    "src/flow_engine/languages/{language}.toml",
    "src/texts/{language}.toml",
    "src/features/*/texts/{language}.toml",
    "src/features/*/texts/*/*.{language}.md",
)
#: The first line of a file that nobody has translated yet.
MARK = "# TRANSLATE: this file is still in {name}. Remove this line when it is done."
_CODE = re.compile(r"[a-z]{2,3}(_[a-z]{2})?")
#: Values of a file of `flow_engine/languages` that no two languages share.
_OWN_FACTS = (
    (re.compile(r"^name = .*$", re.MULTILINE), 'name = "{code}"'),
    (re.compile(r"^(\w*countries) = \[.*?\]$", re.MULTILINE | re.DOTALL), r"\1 = []"),
    (re.compile(r"^stemmer = .*$", re.MULTILINE), '# stemmer = ""'),
    (re.compile(r"^marks = \[.*?\]$", re.MULTILINE | re.DOTALL), "marks = []"),
    (re.compile(r'^words = """.*?"""$', re.MULTILINE | re.DOTALL), 'words = """"""'),
)
#: Words by which people ask for the language.
_OWN_WORDS = (
    (re.compile(r"^language = \[.*?\]$", re.MULTILINE | re.DOTALL), 'language = ["{code}"]'),
)


def check_code(code: str) -> None:
    """Raise BadName for what is no code of a language."""
    if _CODE.fullmatch(code) is None:
        raise BadName(
            f"{code!r} is no code of a language: use two or three small letters, such as fr, and "
            "for a variant two more, such as pt_ao."
        )


def language_files(code: str, root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file of a new language."""
    model = MODEL if MODEL in LANGUAGES else min(LANGUAGES)
    for place in PLACES:
        for file in sorted(root.glob(place.format(language=model))):
            text = file.read_text(encoding="utf-8")
            path = file.relative_to(root)
            name = re.sub(rf"\b{model}(?=\.\w+$)", code, path.name)
            yield str(path.with_name(name)), _started(path, text, code, model)


def _started(path: Path, text: str, code: str, model: str) -> str:
    """Return a text of the model with what a language has for itself; TOML files are marked."""
    if path.suffix != ".toml":
        return text
    for pattern, own in _OWN_FACTS if path.parent.name == "languages" else _OWN_WORDS:
        text = pattern.sub(own.replace("{code}", code), text)
    return f"{MARK.format(name=LANGUAGES[model].name)}\n{text}"
