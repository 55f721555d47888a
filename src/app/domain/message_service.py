"""Six functions of a well-known tutorial, for scripts and threads: thin, and blocking.

The bot itself does not use them: it never blocks, and stores each message before it answers. In a
coroutine, call `WhatsAppService` instead: these functions raise RuntimeError there.
"""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from app.composition.features import settings_models
from app.domain.agents.routing_agent import RoutingAgent
from app.domain.api_access import openai_service
from app.schema import Audio, User
from config.env import load_settings
from domain.phone import canonical
from services.agent import AgentUnavailable
from services.clients.cloud_api.errors import WhatsAppError
from services.clients.cloud_api.from_environment import run_in_script
from services.whatsapp_service import WhatsAppService

#: Template of Meta's test account, sent where a text may not be.
FIRST_TEMPLATE = "hello_world"


def authenticate_user_by_phone_number(phone_number: str) -> User | None:
    """Return the person of the setting USERS with this number; None for anybody else."""
    users = load_settings(models=settings_models()).users
    for number, user in enumerate(users, start=1):
        if canonical(user.phone) == canonical(phone_number):
            return User(
                id=number,
                first_name=user.first_name,
                last_name=user.last_name,
                phone=user.phone,
                role=user.role,
            )
    return None


def download_file_from_facebook(file_id: str, file_type: str, mime_type: str) -> str | None:
    """Save a file of a person as `<file_id>.<extension>`; return its path.

    `file_type` is "image" or "audio": of others, nothing is returned. Raises ValueError if Meta
    does not give the address or the file.
    """
    content = run_in_script(lambda: _download(file_id))
    plain_type = mime_type.partition(";")[0].strip()
    suffix = mimetypes.guess_extension(plain_type) or f".{plain_type.rpartition('/')[2]}"
    path = Path(f"{Path(file_id).name}{suffix}")
    path.write_bytes(content)
    return str(path) if file_type in ("image", "audio") else None


async def _download(file_id: str) -> bytes:
    try:
        await WhatsAppService.get_media(file_id)
    except WhatsAppError as error:
        status = error.http_status or "none"
        raise ValueError(f"Failed to retrieve download URL. Status code: {status}") from error
    try:
        return await WhatsAppService.download_media(file_id)
    except WhatsAppError as error:
        raise ValueError(str(error)) from error


def transcribe_audio_file(audio_file: BinaryIO) -> str:
    """Return the words of a recording. Raise ValueError if it is not transcribed."""
    if not audio_file:
        return "No audio file provided"
    name = Path(str(getattr(audio_file, "name", "voice.ogg"))).name
    content = audio_file.read()

    async def transcribe() -> str:
        mime_type = mimetypes.guess_type(name)[0] or "audio/ogg"
        async with openai_service() as openai:
            return await openai.transcribe(content, name=name, mime_type=mime_type)

    try:
        return run_in_script(transcribe)
    except AgentUnavailable as error:
        raise ValueError("Error transcribing audio") from error


def transcribe_audio(audio: Audio) -> str:
    """Return the words of a voice note of a webhook. Nothing of it stays on the disk."""
    path = download_file_from_facebook(audio.id or "", "audio", audio.mime_type or "audio/ogg")
    assert path is not None
    try:
        with Path(path).open("rb") as file:
            return transcribe_audio_file(file)
    finally:
        Path(path).unlink(missing_ok=True)


def send_whatsapp_message(to: str, message: str, template: bool = True) -> Mapping[str, Any]:
    """Send the template `hello_world`, or with `template=False` the text; return Meta's answer."""
    sent = run_in_script(
        lambda: (
            WhatsAppService.send_template(to, FIRST_TEMPLATE)
            if template
            else WhatsAppService.send_message(to, message)
        )
    )
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": to, "wa_id": sent.wa_id}],
        "messages": [{"id": sent.message_id}],
    }


def respond_and_send_message(user_message: str, user: User) -> None:
    """Ask the agent, and send its answer to the person."""
    response = RoutingAgent().run(user_message, user.id)
    send_whatsapp_message(user.phone, response, template=False)
