"""Rows of templates, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from features.templates import tables
from features.templates.model import Template
from features.templates.registry import TemplateRegistry
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ORDER = Template(
    "1",
    "order",
    "en",
    meta_id="10",
    components=[{"type": "BODY", "text": "Hi {{1}}, “soon” 🙂"}],
    paused_until=NOW + timedelta(hours=3),
    updated_at=NOW,
)


async def written(database: GroupCommit, *writes: Write | None) -> Sequence[Template]:
    """Write, and return what account 1 has then."""
    meant = [one for one in writes if one is not None]
    await database.submit(Transaction(lambda c, _: execute_writes(c, meant)))
    return await TemplateRegistry(database, "1").all()


async def test_what_is_put_is_read(database: GroupCommit) -> None:
    spanish = replace(ORDER, language="es", meta_id="11", paused_until=None)
    other = replace(ORDER, account_id="2")
    assert await written(database, *map(tables.put, (spanish, ORDER, other))) == [ORDER, spanish]
    registry = TemplateRegistry(database, "1")
    assert await registry.find("order", "es") == spanish
    assert await registry.find("order", "pt_BR") is None
    assert await registry.find_by_meta_id("11") == spanish
    assert await TemplateRegistry(database, "2").find_by_meta_id("11") is None
    assert await registry.languages_of("order") == [ORDER, spanish]


async def test_an_older_list_does_not_replace_what_is_newer(database: GroupCommit) -> None:
    await written(database, tables.put(ORDER))
    older = replace(ORDER, status="PENDING", updated_at=NOW - timedelta(seconds=1))
    assert await written(database, tables.put(older)) == [ORDER]
    newer = replace(ORDER, status="DISABLED", updated_at=NOW + timedelta(seconds=1))
    assert await written(database, tables.put(newer)) == [newer]


async def test_changes_of_two_webhooks_do_not_undo_each_other(database: GroupCommit) -> None:
    await written(database, tables.put(ORDER))
    rated = tables.change(ORDER, replace(ORDER, quality="RED"))
    moved = tables.change(ORDER, replace(ORDER, category="MARKETING"))
    assert await written(database, rated, moved) == [
        replace(ORDER, quality="RED", category="MARKETING")
    ]
    assert tables.change(ORDER, ORDER) is None


async def test_each_change_makes_another_version(database: GroupCommit) -> None:
    registry = TemplateRegistry(database, "1")
    seen = [await registry.version()]
    later = replace(ORDER, updated_at=NOW.replace(hour=13))
    for one in (ORDER, replace(ORDER, language="es"), later):
        await written(database, tables.put(one))
        seen.append(await registry.version())
    await written(database, tables.put(replace(ORDER, account_id="2")))
    assert len(set(seen)) == 4
    assert await registry.version() == seen[-1]
