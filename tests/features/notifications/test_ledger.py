"""The ledger: views with the columns of a notification service, and its classes by their names."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.fakes.bot import ANA
from tests.features.notifications.test_sending import EVA
from tests.features.notifications.town import Town, order

from app.api.whatsapp_webhooks import router as whatsapp_webhooks_router
from app.models.whatsapp_messages import WhatsAppMessageStatus
from app.repositories.whatsapp_message_repository import (
    WhatsAppMessageRepository,
    WhatsAppTemplateRepository,
)
from app.runtime.retention import purge
from app.schemas.whatsapp import SendWhatsAppMessageRequest, WhatsAppWebhookPayload
from app.services.whatsapp_business_service import WhatsAppBusinessService
from app.services.whatsapp_service import WhatsAppService
from features.notifications.ledger import connection
from storage.engine.database import open_engine
from storage.engine.group_commit import Transaction
from storage.people.erasure import forget

COLUMNS = (
    *("id", "tenant_id", "notification_id", "whatsapp_message_id", "recipient_phone"),
    *("message_type", "status", "template_name", "template_parameters", "sent_at"),
    *("delivered_at", "read_at", "error_message", "provider_response", "metadata"),
    *("created_at", "updated_at"),
)
TEMPLATE_COLUMNS = (
    *("id", "template_name", "template_key", "category", "language", "status", "body_text"),
    *("parameter_count", "sent_count", "is_active"),
)
#: Rows as other parts of the bot write them, with times in seconds since 1970.
ROWS = """
INSERT INTO users (key, wa_id) VALUES ('k1', '573001234567');
INSERT INTO delivery (id, user_key, kind, status, rank, wamid, created_at, accepted_at, sent_at,
    read_at, category, pricing)
    VALUES ('d1', 'k1', 'interactive', 'played', 5, 'w1', 1000, 1001, 1002, 1003.5, 'service',
    'free');
INSERT INTO delivery (id, user_key, kind, status, rank, created_at, accepted_at, error_code,
    error_text, category, pricing)
    VALUES ('ntf_1', 'k1', 'template', 'failed', 6, 1000, 1001, 131026, 'No WhatsApp', 'utility',
    'regular');
INSERT INTO notification (id, tenant, batch, position, user_key, recipient, reference, template,
    language, category, content, caller_data, stage, created_at, due_at)
    VALUES ('ntf_1', 'default', 'bat_1', 0, 'k1', '573001234567', 'PO-1', 'po', 'es', 'UTILITY',
    '{"template": {"name": "po", "parameters": ["Molinos", "PO-1"]}}', '{"order": 17}',
    'released', 1000, 1000);
INSERT INTO notification (id, tenant, batch, position, user_key, recipient, category, stage,
    created_at, due_at) VALUES ('ntf_2', 't2', 'bat_2', 0, 'k1', 'ES.123', 'UTILITY', 'waiting',
    1000, 9000);
INSERT INTO template (key, account_id, name, language, meta_id, status, quality, category,
    previous_category, reason, parameter_format, components, updated_at)
    VALUES ('1:po:es', '1', 'po', 'es', '7', 'APPROVED', 'GREEN', 'UTILITY', '', '', 'POSITIONAL',
    '[{"type": "HEADER", "text": "{{1}}"}, {"type": "BODY", "text":
    "{{1}} and {{ 2 }}, again {{1}}."}]', 1000);
"""


def rows_of(url: str, view: str) -> list[dict[str, Any]]:
    """Read a view as an operator does with psql or sqlite3."""
    engine = open_engine(url)
    with engine.connect() as connected:
        found = connected.execute(text(f"SELECT * FROM {view} LIMIT 5"))
        rows = [dict(row._mapping) for row in found]
    engine.dispose()
    return rows


def test_the_views_have_the_columns_and_the_words_on_both_databases(migrated_url: str) -> None:
    engine = open_engine(migrated_url)
    with engine.begin() as connected:
        for statement in ROWS.strip().split(";\n"):
            connected.exec_driver_sql(statement.rstrip(";"))
    engine.dispose()
    messages = {row["id"]: row for row in rows_of(migrated_url, "whatsapp_messages")}
    assert tuple(messages["d1"])[: len(COLUMNS)] == COLUMNS
    shown = ("status", "message_type", "recipient_phone", "tenant_id", "notification_id")
    assert {id_: tuple(row[name] for name in shown) for id_, row in messages.items()} == {
        "d1": ("READ", "INTERACTIVE", "+573001234567", "default", None),
        "ntf_1": ("FAILED", "TEMPLATE", "+573001234567", "default", "PO-1"),
        "ntf_2": ("PENDING", "TEXT", None, "t2", "bat_2"),
    }
    failed = messages["ntf_1"]
    assert (failed["error_message"], failed["error_code"]) == ("No WhatsApp", 131026)
    assert (failed["pricing_category"], bool(failed["billable"])) == ("utility", True)
    assert bool(messages["d1"]["billable"]) is False
    assert str(failed["sent_at"]).startswith("1970-01-01 00:16:41")
    assert str(messages["d1"]["updated_at"]).startswith("1970-01-01 00:16:43.5")
    [template] = rows_of(migrated_url, "whatsapp_templates")
    assert tuple(template)[: len(TEMPLATE_COLUMNS)] == TEMPLATE_COLUMNS
    assert (template["template_key"], template["parameter_count"]) == ("po:es", 2)
    assert (bool(template["is_active"]), template["sent_count"]) == (True, 0)


def test_alembic_shows_the_named_revision(migrated_url: str) -> None:
    """`alembic current` and `upgrade head` work from the folder of the project."""
    root = Path(__file__).parents[3]
    alembic = [sys.executable, "-m", "alembic", "-c", str(root / "pyproject.toml")]

    def run(*command: str) -> str:
        done = subprocess.run(
            [*alembic, *command],
            cwd=root,
            env={"DATABASE_URL": migrated_url, "PATH": ""},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    shown = run("current")
    assert "(head)" in shown
    assert "Has whatsapp001" in shown


async def test_old_calls_work_unchanged(town: Town) -> None:
    whatsapp_service = WhatsAppService()
    sent = await whatsapp_service.send_message(
        to_phone="+573001234567",
        message="Test",
        template_name="order_update",
        template_params=["Ana", "PO-001"],
    )
    assert sent is True
    waiting = await WhatsAppMessageRepository().get_messages()
    assert [one.status for one in waiting] == ["PENDING"]
    await town.settle()
    assert town.got(ANA) == ["order_update"]
    [row] = await WhatsAppMessageRepository().get_messages()
    assert (row.status, row.template_name, row.template_parameters) == (
        "READ",
        "order_update",
        ["Ana", "PO-001"],
    )
    assert (row.recipient_phone, row.message_type) == ("+573001234567", "TEMPLATE")
    assert row.sent_at == row.created_at == town.clock()
    assert row.provider_response["message_id"] == row.whatsapp_message_id
    found = await WhatsAppMessageRepository().get_by_whatsapp_id(row.whatsapp_message_id)
    assert found is not None
    assert found.id == row.id


async def test_what_cannot_be_sent_is_false_and_never_raises(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    service = WhatsAppService()
    for wrong in (
        {"to_phone": "12", "template_name": "order_update", "template_params": ["a", "b"]},
        {"to_phone": f"+{ANA}", "template_name": "order_update", "template_params": ["a"]},
        {"to_phone": f"+{ANA}", "template_name": "no_such_template"},
        {"to_phone": f"+{EVA}"},  # nobody wrote: the window is closed
        {"to_phone": f"+{ANA}", "message": ""},
        {"to_phone": f"+{ANA}", "template_name": "offer", "tenant_id": "a:b"},
        {"to_phone": "1" * 60, "template_name": "offer"},
    ):
        assert await service.send_message(**{"message": "Hello", **wrong}) is False
    await town.say("hello")
    assert await service.send_message(f"+{ANA}", "You are welcome") is True
    await town.settle()
    assert town.replies()[-1] == "You are welcome"


async def test_the_service_says_why_and_sends_many(town: Town) -> None:
    requests = [
        SendWhatsAppMessageRequest(
            tenant_id=tenant,
            notification_id=f"PO-{number}",
            recipient_phone=phone,
            template={
                "template_name": "order_update",
                "language": "en",
                "components": [
                    {"type": "body", "parameters": [{"text": "Ana"}, {"text": f"PO-{number}"}]}
                ],
            },
            metadata={"po": number},
        )
        for number, (phone, tenant) in enumerate(
            [(f"+{ANA}", None), ("+57 12", None), (f"+{EVA}", "shop-2")]
        )
    ]
    service = WhatsAppBusinessService(session=object())
    answer = await service.send_bulk_messages(requests)
    assert (answer.total, answer.accepted, answer.refused) == (3, 2, 1)
    first, wrong, other = answer.results
    assert (first.success, first.status) == (True, WhatsAppMessageStatus.PENDING)
    assert [one.code for one in wrong.errors] == ["phone_invalid"]
    assert wrong.error_message.startswith("The phone number cannot be read.")
    await town.settle()
    row = await WhatsAppMessageRepository(object()).get_by_notification_id("PO-0")
    assert row is not None
    assert (row.id, row.extra, row.status) == (first.message_id, {"po": 0}, "READ")
    mine = await WhatsAppMessageRepository().get_messages(tenant_id="shop-2", status="READ")
    assert [one.id for one in mine] == [other.message_id]
    stats = await WhatsAppMessageRepository().get_delivery_stats("default", days=1)
    assert (stats.total, stats.read, stats.delivery_rate) == (1, 1, 1.0)
    again = await service.send_message(requests[0])
    assert [one.code for one in again.errors] == ["reference_seen"]


async def test_templates_are_found_and_counted(town: Town) -> None:
    await town.sent(order())
    await town.settle()
    repository = WhatsAppTemplateRepository()
    found = await repository.get_by_name("order_update")
    assert found is not None
    assert (found.template_key, found.parameter_count, found.sent_count) == (
        "order_update:en",
        2,
        1,
    )
    assert found.body_text == "Hi {{1}}, your order {{2}} is on its way."
    await town.meta_says("PAUSED")
    assert await repository.get_by_key("order_update:en") is not None
    active = await repository.get_templates(only_active=True)
    assert [one.template_name for one in active] == ["hello_world", "login", "offer"]


async def test_a_status_is_noted_once_and_never_goes_back(town: Town) -> None:
    [id_] = await town.sent(order())
    await town.release()
    repository = WhatsAppMessageRepository()
    for status in (WhatsAppMessageStatus.DELIVERED, WhatsAppMessageStatus.SENT):
        row = await repository.update_message_status(id_, status, whatsapp_message_id="wamid.X")
        assert row is not None
        assert (row.status, row.whatsapp_message_id) == ("DELIVERED", "wamid.X")
    with pytest.raises(ValueError, match="pending by itself"):
        await repository.update_message_status(id_, WhatsAppMessageStatus.PENDING)


async def test_retention_and_erasing_empty_the_ledger(town: Town) -> None:
    """Values and recipients go after eight days, and at once when the person is erased."""
    await town.sent(order(metadata={"order": 17}))
    await town.settle()
    town.clock.advance(timedelta(days=9))
    await purge(town.database, timedelta(days=8))
    [row] = await WhatsAppMessageRepository().get_messages()
    assert (row.recipient_phone, row.template_parameters, row.extra) == (None, None, None)
    assert (row.status, row.template_name) == ("READ", "order_update")
    person = await town.user()
    await town.database.submit(Transaction(lambda c, now: forget(c, person, now)))
    assert await WhatsAppMessageRepository().get_messages() == []


async def test_health_asks_meta_for_the_token(town: Town) -> None:
    service = WhatsAppBusinessService()
    assert (await service.health_check())["status"] == "healthy"
    town.account.access_token._expires_at = 0
    found = await service.health_check()
    assert found["status"] == "unhealthy"
    assert found["error"]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A process without a bot, whose settings name the database of one."""
    town = Town(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}",
        "WP_ACCESS_TOKEN": "EAAtoken",
        "WP_PHONE_ID": town.settings.wp_phone_id,
        "WP_BID": town.settings.wp_bid,
        "WEBHOOK_VERIFY_TOKEN": "words",
        "WHATSAPP_APP_SECRET": "signing",
    }.items():
        monkeypatch.setenv(name, str(value))
    yield town
    connection.use_bot(None)


async def test_a_script_stores_what_the_bot_sends(script: Town) -> None:
    script.clock.now = time.time()  # a script has the time of its machine
    await script.begin()
    connection.use_bot(None)
    assert await WhatsAppService().send_message(
        f"+{ANA}", "", template_name="order_update", template_params=["Ana", "A-1"]
    )
    for _ in range(2):  # workers look for what other processes stored from time to time
        await script.wait(60)
    assert script.got(ANA) == ["order_update"]
    await script.stop()


def test_the_other_names_are_there() -> None:
    paths = {getattr(route, "path", "") for route in whatsapp_webhooks_router.routes}
    assert "/api/v1/whatsapp/webhook" in paths
    assert "entry" in WhatsAppWebhookPayload.model_fields
