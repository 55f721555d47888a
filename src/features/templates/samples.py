"""Files by which Meta reviews the header of a template: they are uploaded before it is created.

Source: developers.facebook.com/docs/graph-api/guides/upload (Resumable Upload API)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.templates.parts import FILES
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.token_facts import describe_token
from utils.commands import CommandError

#: Kinds of files by the format of a header, as Meta names them, by the ends of their names.
TYPES = {
    "IMAGE": {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"},
    "VIDEO": {".mp4": "video/mp4"},
    "DOCUMENT": {".pdf": "application/pdf"},
}
#: Largest files that Meta takes as a header, in megabytes.
MAX_MEGABYTES = {"IMAGE": 5, "VIDEO": 16, "DOCUMENT": 100}
#: Handle of a file until it is uploaded.
NOT_UPLOADED = "not uploaded"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file that shows what the header of a template may look like."""

    path: Path
    mime_type: str
    #: What Meta is told about examples of the header; it gets the handle.
    example: dict[str, Any]


def read_samples(definition: dict[str, Any], folder: Path) -> Sequence[Sample]:
    """Return the files that a definition names as `example.header_file`, from its folder.

    Raise CommandError.
    """
    return [_sample(one, folder) for one in _headers(definition.get("components"))]


async def upload(api: CloudApi, samples: Sequence[Sample]) -> None:
    """Upload the files, and write their handles into the definition. Raise WhatsAppError."""
    if not samples:
        return
    app_id = (await describe_token(api)).app_id
    if not app_id:
        raise CommandError("Meta does not say of which app the access token is: renew it.")
    token = api.authorization["Authorization"].removeprefix("Bearer ")
    for one in samples:
        content = one.path.read_bytes()
        about = {
            "file_name": one.path.name,
            "file_length": len(content),
            "file_type": one.mime_type,
        }
        begun = await api.post(f"{app_id}/uploads", about)
        headers = {"Authorization": f"OAuth {token}", "file_offset": "0"}
        answer = await api.post(str(begun["id"]), content, headers)
        one.example["header_handle"] = [str(answer["h"])]


def _headers(components: object) -> Iterator[dict[str, Any]]:
    """Yield the headers with a file, also those of cards."""
    for one in components if isinstance(components, list) else ():
        if not isinstance(one, dict):
            continue
        if isinstance(example := one.get("example"), dict) and "header_file" in example:
            yield one
        for card in one.get("cards") or ():
            yield from _headers(card.get("components") if isinstance(card, dict) else None)


def _sample(header: dict[str, Any], folder: Path) -> Sample:
    example: dict[str, Any] = header["example"]
    form, path = str(header.get("format")).upper(), folder / str(example.pop("header_file"))
    mime_type = TYPES.get(form, {}).get(path.suffix.lower())
    if mime_type is None:
        known = ", ".join(TYPES.get(form, {})) or f"one of {', '.join(sorted(FILES))} as its format"
        raise CommandError(f"{path}: a header of {form} takes {known}.")
    if not path.is_file():
        raise CommandError(f"{path}, the example of a header, is not there.")
    if path.stat().st_size > MAX_MEGABYTES[form] * 1024 * 1024:
        raise CommandError(f"{path} has more than {MAX_MEGABYTES[form]} MB.")
    example["header_handle"] = [NOT_UPLOADED]
    return Sample(path, mime_type, example)
