"""Operators work together: tags, mentions, who is here, and two answers at once."""

from datetime import timedelta

from sqlalchemy import select
from tests.fakes.bot import ANA, JOHN
from tests.features.inbox.test_access import invited
from tests.features.inbox.town import Town

from features.inbox.operators import Operator, Role
from features.inbox.tables.tags import inbox_tag
from features.inbox.team_acts import called
from storage.engine.group_commit import Transaction
from storage.person_table import merge_users


async def test_people_are_found_by_their_tags(town: Town) -> None:
    await town.say("hello", ANA)
    await town.say("hello", JOHN)
    for tag in ("VIP", " late  payer ", "VIP"):
        assert (await town.act("tag", tag=tag)).status_code == 204
    assert (await town.act("tag", tag=" ")).status_code == 409
    [ana] = await town.threads(tag="VIP")
    assert (ana["name"], ana["tags"]) == ("Someone", ["VIP", "late payer"])
    assert (await town.thread())["tags"] == ["VIP", "late payer"]
    await town.act("untag", tag="VIP")
    assert await town.threads(tag="VIP") == []
    assert len(await town.threads(number="another")) == 0
    number = ana["number"]
    assert len(await town.threads(number=number)) == 2


async def test_tags_go_with_the_person(town: Town) -> None:
    await town.say("hello", ANA)
    await town.say("hello", JOHN)
    await town.act("tag", ANA, tag="VIP")
    for tag in ("VIP", "new"):
        await town.act("tag", JOHN, tag=tag)
    ana, john = (await town.user(ANA)).key, (await town.user(JOHN)).key
    query = select(inbox_tag.c.user_key, inbox_tag.c.tag).order_by(inbox_tag.c.tag)

    async def put_on() -> list[tuple[str, str]]:
        rows = await town.database.reader.run(lambda c, _: c.execute(query).all())
        return [(key, tag) for key, tag in rows]

    await town.database.submit(Transaction(lambda c, _: merge_users(c, into=ana, other=john)))
    assert await put_on() == [(ana, "VIP"), (ana, "new")]
    await town.say("delete my data", ANA)
    await town.tap("yes", ANA)
    assert await put_on() == []


async def test_a_colleague_who_is_called_in_a_note_is_told(town: Town) -> None:
    await town.say("hello")
    await invited(town)
    await town.act("note", text="@Eva, can you look? mail@evan.example @Owner")
    assert (await town.answer())["mentions"] == 0  # nobody calls themselves
    await town.sign_in(await invited(town, "Eva Luz"))
    assert (await town.answer())["mentions"] == 0
    await town.act("note", text="@eva luz and @owner, please")
    await town.sign_in()
    assert (await town.answer())["mentions"] == 1
    [thread] = await town.threads(show="mentions")
    assert (await town.thread())["is_called"] is True
    await town.act("read")
    assert await town.threads(show="mentions") == []
    assert thread["last_text"] != ""


def test_a_first_name_calls_whoever_alone_has_it() -> None:
    known = [Operator(name, name, Role.AGENT) for name in ("Ana Gil", "Ana Ruiz", "Luis Mora")]

    def names(text: str) -> list[str]:
        return [one.name for one in called(text, known)]

    assert names("@luis, ask @Ana Ruiz") == ["Ana Ruiz", "Luis Mora"]
    assert names("@Ana and luis@example.com, @Luisa") == []


async def test_operators_see_who_else_is_in_a_conversation(town: Town) -> None:
    await town.say("hello")
    key = (await town.user()).key
    secret = await invited(town)

    async def others(**body: bool) -> list[tuple[str, bool]]:
        answer = await town.call("POST", "/api/presence", params={"key": key}, json=body)
        return [(one["name"], one["is_typing"]) for one in answer.json()["others"]]

    assert await others(is_typing=True) == []
    mine = town.cookies
    await town.sign_in(secret)
    assert await others() == [("Owner", True)]
    town.clock.advance(timedelta(seconds=10))
    assert await others() == [("Owner", False)]
    town.clock.advance(timedelta(seconds=20))
    assert await others() == []
    town.cookies = mine
    assert await others() == [("Eva", False)]
    assert (await town.call("POST", "/api/presence", json={})).json() == {"others": []}


async def test_the_second_answer_is_warned_of_the_first(town: Town) -> None:
    await town.say("I want to talk to a person")
    seen = (await town.thread())["messages"][-1]["at"]
    town.clock.advance(timedelta(seconds=1))
    mine = town.cookies
    await town.sign_in(await invited(town))
    assert (await town.act("reply", text="It left yesterday.", seen=seen)).status_code == 204
    assert (await town.act("reply", text="And it is fast.", seen=seen)).status_code == 204
    town.cookies = mine
    late = await town.act("reply", text="I do not know.", seen=seen)
    assert (late.status_code, "Eva has just answered" in late.json()["message"]) == (409, True)
    seen = (await town.thread())["messages"][-1]["at"]
    assert (await town.act("reply", text="Good luck!", seen=seen)).status_code == 204
