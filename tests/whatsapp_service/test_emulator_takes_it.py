"""What our service sends, the emulator takes: two readings of Meta's pages that must agree."""

from pathlib import Path

import pytest

from emulator.cloud_api.testing import ANA, CloudApiDouble
from schemas.cloud_api_schema import MediaType
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Rejected, Throttled
from services.whatsapp_service import WhatsAppService

PDF = b"%PDF-1.7"


@pytest.fixture
def whatsapp(cloud_api: CloudApiDouble) -> WhatsAppService:
    config = cloud_api.config
    return WhatsAppService(
        CloudApi(
            cloud_api.http,
            token=config.access_token,
            phone_number_id=config.phone_number_id,
            base_url="http://meta",
        )
    )


async def test_every_type_of_message_is_taken(
    whatsapp: WhatsAppService, cloud_api: CloudApiDouble, tmp_path: Path
) -> None:
    file = tmp_path / "menu.pdf"
    file.write_bytes(PDF)
    first = await whatsapp.send_message(ANA, "hello https://example.org")
    rows = [{"id": "1", "title": "One", "description": "the first"}]
    await whatsapp.send_buttons_menu(ANA, "Which?", [{"id": "1", "title": "One"}], header="Choose")
    await whatsapp.send_list_menu(ANA, "Which?", "See", [{"title": "All", "rows": rows}])
    for source in (PDF, file, "https://example.org/a.pdf"):
        await whatsapp.send_media(ANA, MediaType.DOCUMENT, source, caption="The menu")
    await whatsapp.send_contact_message(ANA, {"name": {"formatted_name": "Eva"}})
    await whatsapp.send_cta_button(ANA, "Look", "Open", "https://example.org")
    await whatsapp.send_location(ANA, 4.6, -74.1, "Here")
    await whatsapp.send_request_location(ANA, "Where are you?")
    await whatsapp.send_reaction(ANA, first.message_id, "👍")
    await whatsapp.send_template(ANA, "hello_world")
    await whatsapp.send_product(ANA, "1948", "cup-12", "By hand.", "No. 12")
    await whatsapp.send_product_list(ANA, "1948", "Pottery", "By hand.", "Cups", ["cup-12", "a"])
    await whatsapp.send_catalogue(ANA, "Everything that we make.", thumbnail_id="cup-12")
    kinds = [one["type"] for one in cloud_api.sent_to(ANA)]
    assert kinds == [
        "text",
        *["interactive"] * 2,
        *["document"] * 3,
        "contacts",
        "interactive",
        "location",
        "interactive",
        "reaction",
        "template",
        *["interactive"] * 3,
    ]
    await cloud_api.account.webhooks.idle()


async def test_refusals_come_back_as_our_errors(
    whatsapp: WhatsAppService, cloud_api: CloudApiDouble
) -> None:
    with pytest.raises(Rejected, match="131047"):
        await whatsapp.send_message("+573009999999", "hello")
    cloud_api.account.fault_injector.set(
        cloud_api.account.fault_injector.chaos.changed(error_131056=1)
    )
    with pytest.raises(Throttled) as raised:
        await whatsapp.deliver({"type": "text", "text": {"body": "hi"}}, to=ANA)
    assert raised.value.code == 131056


async def test_files_are_looked_up_downloaded_and_deleted(
    whatsapp: WhatsAppService, cloud_api: CloudApiDouble
) -> None:
    cloud_api.account.files.base_url = "http://meta"
    media_id = await whatsapp.upload_media(PDF)
    media = await whatsapp.get_media(media_id)
    assert (media.mime_type, media.file_size) == ("application/pdf", len(PDF))
    assert media.url.startswith("http://meta/")
    assert await whatsapp.download_media(media_id) == PDF
    await whatsapp.delete_media(media_id)
    for use in (whatsapp.get_media, whatsapp.download_media, whatsapp.delete_media):
        with pytest.raises(Rejected):
            await use(media_id)
