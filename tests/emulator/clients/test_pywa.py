"""pywa, a client of the Cloud API, against the emulator: what it asks, and what it is told."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta

pywa = pytest.importorskip("pywa_async", reason="pywa is not installed")
types: Any = pytest.importorskip("pywa_async.types")
templates: Any = pytest.importorskip("pywa_async.types.templates")

TO = f"+{ANA}"


@pytest.fixture
async def bot(cloud_api: Meta) -> AsyncIterator[Any]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(cloud_api.app)) as session:
        yield pywa.WhatsApp(
            phone_id=cloud_api.config.phone_number_id,
            token=cloud_api.config.access_token,
            waba_id=cloud_api.config.business_account_id,
            session=session,
            server=None,
            verify_token=cloud_api.config.verify_token,
            app_secret=cloud_api.config.app_secret,
            validate_updates=False,
        )


async def deliver(bot: Any, meta: Meta) -> None:
    """Hand pywa each webhook that was sent so far."""
    await meta.account.webhooks.idle()
    for one in meta.account.traffic_log.all():
        if one["kind"] == "webhook":
            _, status = await bot.webhook_update_handler(json.dumps(one["request"]).encode())
            assert status == 200


async def test_messages_of_many_types_are_taken(bot: Any, cloud_api: Meta) -> None:
    rows = [types.SectionRow(title="One", callback_data="one")]
    sections = types.SectionList(button_title="Choose", sections=[types.Section("All", rows)])
    await bot.send_message(TO, "Hello")
    await bot.send_message(TO, "Which?", buttons=[types.Button("Yes", "yes")])
    await bot.send_message(TO, "Which?", buttons=sections)
    await bot.send_message(TO, "Open", buttons=types.URLButton("Open", "https://e.org"))
    await bot.send_image(TO, b"\x89PNG\r\n\x1a\n", mime_type="image/png", caption="look")
    await bot.send_location(TO, latitude=1.0, longitude=2.0)
    await bot.request_location(TO, "Where?")
    assert len(cloud_api.sent_to(ANA)) == 7


async def test_taps_tell_which_message_was_tapped(bot: Any, cloud_api: Meta) -> None:
    heard: list[tuple[str, str]] = []

    async def tapped(_bot: Any, tap: Any) -> None:
        heard.append((tap.data, tap.reply_to_message.id))

    bot.on_callback_button(tapped)

    async def chosen(_bot: Any, choice: Any) -> None:
        heard.append((choice.data, choice.reply_to_message.id))

    bot.on_callback_selection(chosen)

    rows = [types.SectionRow(title="One", callback_data="one")]
    sections = types.SectionList(button_title="Choose", sections=[types.Section("All", rows)])
    buttons = await bot.send_message(TO, "Which?", buttons=[types.Button("Yes", "yes")])
    menu = await bot.send_message(TO, "Which?", buttons=sections)
    path = f"/emulator/contacts/{ANA}/messages"
    for tap in ({"button": {"id": "yes", "title": "Yes"}}, {"row": {"id": "one", "title": "One"}}):
        await cloud_api.account.webhooks.idle()  # pywa reads only the first update of a body
        await cloud_api.http.post(path, json=tap)
    await deliver(bot, cloud_api)
    assert heard == [("yes", buttons.id), ("one", menu.id)]


async def test_a_file_that_a_trigger_sends_can_be_fetched(bot: Any, cloud_api: Meta) -> None:
    found: list[bytes] = []

    async def take(_bot: Any, message: Any) -> None:
        found.append(await message.image.get_bytes())

    bot.on_message(take)

    given = {"kind": "message.image", "from": TO}
    assert (await cloud_api.http.post("/emulator/triggers", json=given)).status_code == 200
    await deliver(bot, cloud_api)
    assert found[0].startswith(b"\xff\xd8")


async def test_updates_of_the_account_have_a_time(bot: Any, cloud_api: Meta) -> None:
    seen: list[Any] = []

    async def take(_bot: Any, update: Any) -> None:
        seen.append(update["entry"][0]["time"])

    bot.on_raw_update(take)

    given = {"kind": "field.message_template_status_update", "from": TO}
    await cloud_api.http.post("/emulator/triggers", json=given)
    await deliver(bot, cloud_api)
    assert seen == [int(cloud_api.clock.now)]


async def test_templates_are_created_listed_and_sent(bot: Any, cloud_api: Meta) -> None:
    english, utility = templates.TemplateLanguage.ENGLISH, templates.TemplateCategory.UTILITY
    body = templates.BodyText("Hi {{name}}, come in.", name="Ana")
    order = templates.Template(
        name="order",
        language=english,
        category=utility,
        components=[body],
        parameter_format=templates.ParamFormat.NAMED,
    )
    made = await bot.create_template(order)
    await bot.create_template(
        templates.Template(
            name="code",
            language=english,
            category=templates.TemplateCategory.AUTHENTICATION,
            components=[
                templates.AuthenticationBody(add_security_recommendation=True),
                templates.Buttons(buttons=[templates.CopyCodeOTPButton()]),
            ],
        )
    )
    approved = templates.TemplateStatus.APPROVED
    assert [one.name for one in await bot.get_templates(statuses=[approved])] == ["hello_world"]
    cloud_api.account.clock.advance(60)
    listed = await bot.get_templates(statuses=[approved], name_or_content="come in")
    assert [(one.name, one.status) for one in listed] == [("order", approved)]
    assert (await bot.get_template(made.id)).name == "order"
    await bot.send_template(TO, "order", english, [body.params(name="Ana")])
    again = await cloud_api.http.post(
        f"/v25.0/{cloud_api.config.business_account_id}/message_templates",
        json=json.loads(order.to_json()),
    )
    assert again.json()["error"]["error_subcode"] == 2388024
    await bot.delete_template("order")


async def test_people_are_blocked_by_number_and_by_user_id(bot: Any, cloud_api: Meta) -> None:
    person = cloud_api.account.people.get(ANA)
    for name in (TO, person.user_id):
        result = await bot.block_users([name])
        assert not result.errors
        assert (await bot.unblock_users([name])).removed_users


async def test_the_number_and_its_links_are_managed(bot: Any) -> None:
    await bot.request_verification_code(code_method="SMS", language_code="en_US")
    await bot.verify_phone_number(code="123456")
    link = await bot.create_qr_code("Hello", "PNG")
    assert link.qr_image_url
    changed = await bot.update_qr_code(link.code, "Bye")
    assert (await bot.get_qr_code(link.code)).prefilled_message == changed.prefilled_message
    assert [one.code for one in await bot.get_qr_codes()] == [link.code]
    await bot.delete_qr_code(link.code)
    assert (await bot.get_business_account()).id
    commands = [types.Command("help", "Ask for help")]
    await bot.update_conversational_automation(ice_breakers=["Hi"], commands=commands)
    assert (await bot.get_business_phone_number()).id
