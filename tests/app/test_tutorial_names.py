"""`app.schema` and `app.domain.message_service`: the names of a tutorial, in threads."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.message_service import (
    authenticate_user_by_phone_number,
    download_file_from_facebook,
    respond_and_send_message,
    send_whatsapp_message,
    transcribe_audio,
    transcribe_audio_file,
)
from app.schema import Audio, Payload, User, UserMessage
from emulator.cloud_api.testing import ANA, CloudApiDouble
from emulator.loopback import LoopbackServer
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble
from emulator.silence import SILENCE
from services.whatsapp_service import WhatsAppService

USER = User(id=7, first_name="Ana", last_name="Ruiz", phone=f"+{ANA}", role="staff")


@pytest.fixture(autouse=True)
async def apis(
    cloud_api: CloudApiDouble,
    openai: OpenAIDouble,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[None]:
    """A script's environment and folder, with both emulators on ports."""
    server = LoopbackServer(cloud_api.app)
    await server.start()
    cloud_api.account.files.base_url = server.url
    config = cloud_api.config
    monkeypatch.chdir(tmp_path)
    # A script has no bot in its process, whose service the class would use.
    monkeypatch.setattr(WhatsAppService, "_default", None)
    monkeypatch.setattr(WhatsAppService, "_loop", None)
    for name, value in {
        "WP_ACCESS_TOKEN": config.access_token,
        "WP_PHONE_ID": config.phone_number_id,
        "WEBHOOK_VERIFY_TOKEN": "a-verify-token-of-some-length",
        "WHATSAPP_APP_SECRET": config.app_secret,
        "GRAPH_API_URL": server.url,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": openai.url,
        "USERS": json.dumps([{"phone": f"+{ANA}", "first_name": "Ana", "role": "staff"}]),
    }.items():
        monkeypatch.setenv(name, value)
    yield
    await server.stop()


async def test_a_person_of_the_settings_is_known_and_no_other() -> None:
    found = await asyncio.to_thread(authenticate_user_by_phone_number, "57 300 123 4567")
    assert found == User(id=1, first_name="Ana", last_name="", phone=f"+{ANA}", role="staff")
    assert await asyncio.to_thread(authenticate_user_by_phone_number, "+15550001111") is None


async def test_a_text_or_the_first_template_is_sent(cloud_api: CloudApiDouble) -> None:
    text = await asyncio.to_thread(send_whatsapp_message, ANA, "hello", template=False)
    await asyncio.to_thread(send_whatsapp_message, ANA, "hello")
    sent = cloud_api.sent_to(ANA)
    assert [one["type"] for one in sent] == ["text", "template"]
    assert text["messages"][0]["id"] == sent[0]["id"]


@pytest.mark.needs("assistant")
async def test_the_agent_answers_the_person(
    cloud_api: CloudApiDouble, openai: OpenAIDouble
) -> None:
    openai.model.will_say("We open at 9.")
    await asyncio.to_thread(respond_and_send_message, "when?", USER)
    assert [one["text"]["body"] for one in cloud_api.sent_to(ANA)] == ["We open at 9."]


@pytest.mark.needs("assistant")
async def test_a_voice_note_is_transcribed_and_leaves_no_file(
    cloud_api: CloudApiDouble, openai: OpenAIDouble, tmp_path: Path
) -> None:
    openai.state.transcripts.append("on Monday")
    audio = Audio(id=cloud_api.account.files.keep(SILENCE, "audio/ogg"), mime_type="audio/ogg")
    assert await asyncio.to_thread(transcribe_audio, audio) == "on Monday"
    assert await asyncio.to_thread(lambda: [*tmp_path.iterdir()]) == []
    empty = io.BytesIO(b"")
    with pytest.raises(ValueError, match="Error transcribing audio"):
        await asyncio.to_thread(transcribe_audio_file, empty)


async def test_a_file_that_is_gone_is_a_value_error_with_its_status(
    cloud_api: CloudApiDouble,
) -> None:
    with pytest.raises(ValueError, match=r"Failed to retrieve download URL. Status code: 400"):
        await asyncio.to_thread(download_file_from_facebook, "1", "audio", "audio/ogg")
    media_id = cloud_api.account.files.keep(SILENCE, "image/png")
    path = await asyncio.to_thread(download_file_from_facebook, media_id, "image", "image/png")
    assert path == f"{media_id}.png"
    assert await asyncio.to_thread(Path(path).read_bytes) == SILENCE


async def test_a_coroutine_is_told_to_await_instead() -> None:
    with pytest.raises(RuntimeError, match="await WhatsAppService"):
        send_whatsapp_message(ANA, "hello")


def test_the_printed_models_read_a_payload() -> None:
    value = {"messages": [{"from": "57", "type": "text", "text": {"body": "hi"}}]}
    payload = Payload.model_validate({"entry": [{"changes": [{"value": value}]}]})
    found = payload.entry[0].changes[0].value
    assert found is not None
    assert found.messages
    assert found.messages[0].text is not None
    assert UserMessage(user=USER, message=found.messages[0].text.body).message == "hi"
