"""Words of messages are found on both databases, and erased words are not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, text
from tests.features.inbox.town import Town

from features.inbox import search
from features.inbox.search import find_messages
from features.inbox.tables.messages import inbox_message
from features.inbox.words import has_terms, like_pattern, terms
from storage.engine.database import open_engine

NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture
def engine(migrated_url: str) -> Engine:
    return open_engine(migrated_url)


def keep(connection: Connection, *said: tuple[str, str]) -> None:
    """Messages of people, each later than the one before."""
    rows = [
        {
            "id": f"m{number}",
            "user_key": who,
            "direction": "in",
            "kind": "text",
            "text": words,
            "at": NOW + timedelta(seconds=number),
        }
        for number, (who, words) in enumerate(said)
    ]
    connection.execute(inbox_message.insert(), rows)


def found(connection: Connection, words: str) -> dict[str, str]:
    hits = find_messages(connection, words, None).by_person
    return {key: one["text"] for key, one in hits.items()}


def test_beginnings_of_words_are_found_whatever_their_case_and_accents(engine: Engine) -> None:
    with engine.begin() as connection:
        keep(
            connection,
            ("ana", "¿Dónde está mi PEDIDO A-17/3?"),
            ("ana", "mi cédula es 1.020.300"),
            ("luis", "Não recebi\n o pedido"),
            ("eva", "🙂"),
        )
        assert found(connection, "pedido").keys() == {"ana", "luis"}
        for words in ("donde ESTÁ", "pedi 17", "A-17", "Cedula 020", "1.020"):
            assert found(connection, words).keys() == {"ana"}, words
        for words in ("edido", "pedido cedula", "100%", "'", "& | !", ""):
            assert found(connection, words) == {}, words
        assert found(connection, "nao recebi") == {"luis": "Não recebi o pedido"}
    engine.dispose()


def test_what_is_erased_is_found_no_more(engine: Engine) -> None:
    with engine.begin() as connection:
        keep(connection, ("ana", "first parcel"), ("ana", "second parcel"))
        assert found(connection, "parcel") == {"ana": "second parcel"}
        connection.execute(delete(inbox_message).where(inbox_message.c.id == "m1"))
        assert found(connection, "parcel") == {"ana": "first parcel"}
        assert found(connection, "second") == {}
    engine.dispose()


def test_what_the_bot_says_to_everybody_is_not_searched(engine: Engine) -> None:
    with engine.begin() as connection:
        keep(connection, ("ana", "parcel"), ("luis", "parcel"), ("eva", "parcel"))
        change = "UPDATE inbox_message SET direction = 'out'"
        connection.execute(text(change))
        assert found(connection, "parcel") == {}
        connection.execute(text("UPDATE inbox_message SET author = 'Eva' WHERE id = 'm0'"))
        connection.execute(text("UPDATE inbox_message SET kind = 'template' WHERE id = 'm1'"))
        assert found(connection, "parcel").keys() == {"ana", "luis"}
    engine.dispose()


def test_a_search_that_does_not_look_at_everything_says_so(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SEARCHED_MESSAGES", 2)
    with engine.begin() as connection:
        keep(connection, ("ana", "parcel"), ("luis", "parcel"), ("eva", "parcel"))
        hits = find_messages(connection, "parcel", None)
        if connection.dialect.name == "sqlite":
            assert (set(hits.by_person), hits.since) == (
                {"luis", "eva"},
                NOW + timedelta(seconds=1),
            )
        else:
            assert (len(hits.by_person), hits.since) == (3, None)
            monkeypatch.setattr(search, "RECENT_MESSAGES", 1)
            assert len(find_messages(connection, "parcel", None).by_person) == 3
        monkeypatch.setattr(search, "MAX_READ", 1)
        hits = find_messages(connection, "parcel", None)
        assert (set(hits.by_person), hits.since) == ({"eva"}, NOW + timedelta(seconds=2))
    engine.dispose()


def test_a_search_goes_on_until_everything_was_looked_at(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SEARCHED_MESSAGES", 2)
    monkeypatch.setattr(search, "RECENT_MESSAGES", 1)
    monkeypatch.setattr(search, "MAX_READ", 1)
    with engine.begin() as connection:
        keep(connection, ("ana", "parcel"), ("luis", "parcel"), ("eva", "hi"), ("eva", "parcel"))
        seen, until = set[str](), None
        for _ in range(6):
            hits = find_messages(connection, "parcel", None, until)
            seen |= hits.by_person.keys()
            if (until := hits.since) is None:
                break
        assert (seen, until) == ({"ana", "luis", "eva"}, None)
    engine.dispose()


def test_postgres_finds_words_by_the_index(migrated_postgres_url: str) -> None:
    engine = open_engine(migrated_postgres_url)
    with engine.begin() as connection:
        keep(connection, *(("ana", f"word{number}") for number in range(500)))
        connection.execute(text("SET enable_seqscan = off"))
        query = search.indexed(["word7"]).compile(connection)
        plan = connection.exec_driver_sql(f"EXPLAIN {query}", query.params)
        assert "ix_inbox_message_words" in "\n".join(plan.scalars())
    engine.dispose()


@given(st.text(), st.text(alphabet="aábcñ -'%_\\", max_size=8))
def test_a_pattern_fits_whatever_has_the_word(before: str, words: str) -> None:
    """SQLite looks at nothing else."""
    said = f"{before} {words}"
    assert has_terms(said, terms(words))
    engine = open_engine("sqlite://")
    with engine.connect() as connection:
        for one in terms(words):
            query = text("SELECT :said LIKE :pattern")
            values = {"said": said.replace("\0", ""), "pattern": like_pattern(one)}
            assert connection.execute(query, values).scalar() == 1


def test_a_word_of_many_is_found_among_the_newest(
    migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "RECENT_MESSAGES", 2)
    monkeypatch.setattr(search, "MAX_PEOPLE", 2)
    engine = open_engine(migrated_postgres_url)
    with engine.begin() as connection:
        keep(connection, ("ana", "Cédula"), ("luis", "CÉDULA"), ("eva", "cedula"))
        hits = find_messages(connection, "cedula", None)
        assert (set(hits.by_person), hits.since) == ({"eva", "luis"}, NOW + timedelta(seconds=1))
    engine.dispose()


async def test_a_search_opens_the_conversation_where_it_was_said(town: Town) -> None:
    await town.say("I want to talk to a person")
    town.clock.advance(timedelta(minutes=1))
    await town.say("where is parcel A-17?")
    for number in range(3):
        town.clock.advance(timedelta(minutes=1))
        await town.say(f"hello {number}")
    [thread] = await town.threads(search="parcel", show="waiting")
    assert thread["found"]["text"] == "where is parcel A-17?"
    shown = await town.thread(around=thread["found"]["at"])
    texts = [one["text"] for one in shown["messages"] if one["direction"] == "in"]
    assert texts[1:] == ["where is parcel A-17?", "hello 0", "hello 1", "hello 2"]
    assert shown["has_later"] is False
    assert await town.threads(search="parcel", show="mine") == []
