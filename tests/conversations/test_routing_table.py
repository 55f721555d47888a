"""The routing table: every message is taken by exactly one stage, and features find their place."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fakes.bot import CONSOLE, BotHarness

from domain.conversation_status import ConversationStatus
from domain.inbound import Attachment, Inbound, Sender
from domain.user import User
from flow_engine import FlowState
from services.agent import AgentReply, AgentRequest
from services.conversations.decisions import NOTHING
from services.conversations.message_types import POLICY_BY_TYPE
from services.conversations.stage import (
    PassOn,
    Route,
    Stage,
    StageError,
    StageResult,
    arrange,
    route,
)
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SENDER = Sender(wa_id="15551234567", profile_name="John")
#: Stages that may take a message of a person who is not to be talked to.
BEFORE_BLOCKED = {"ignored_type", "opt_out_keyword", "blocked"}
BEFORE_OPTED_OUT = BEFORE_BLOCKED | {"opted_out"}


class SilentAgent:
    """An assistant that is there; nothing is asked of it while a message is routed."""

    async def reply(self, asked: AgentRequest) -> AgentReply:
        return AgentReply("")


@dataclass(frozen=True)
class Routing:
    """A running bot whose routing table a test may ask."""

    bot: BotHarness
    runner: asyncio.Runner

    @property
    def stages(self) -> Sequence[Stage]:
        return self.bot.bot.parts.conversations.handler.stages

    def route(self, turn: ConversationTurn) -> tuple[Route, list[str]]:
        """Return where a message leads, and the names of the stages that took it."""
        taken: list[str] = []

        def watched(stage: Stage) -> Stage:
            async def handle(turn: ConversationTurn) -> StageResult:
                result = await stage.handle(turn)
                if result is not None and not isinstance(result, PassOn):
                    taken.append(stage.name)
                return result

            return replace(stage, handle=handle)

        routed = self.runner.run(route([watched(stage) for stage in self.stages], turn))
        return routed, taken


@pytest.fixture(scope="module", params=["no assistant", "assistant and operators"])
def routing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Routing]:
    folder = tmp_path_factory.mktemp("bot")
    is_bare = request.param == "no assistant"
    bot = BotHarness(folder) if is_bare else BotHarness(folder, SilentAgent(), **CONSOLE)
    with asyncio.Runner() as runner:
        runner.run(bot.start())
        yield Routing(bot, runner)
        runner.run(bot.stop())


users = st.builds(
    User,
    st.just("15551234567"),
    wa_id=st.just("15551234567"),
    registered_at=st.sampled_from([None, NOW]),
    opted_out_at=st.sampled_from([None, NOW]),
    status=st.sampled_from([None, *(status.value for status in ConversationStatus)]),
    bot_paused_until=st.sampled_from([None, NOW - timedelta(hours=1), NOW + timedelta(hours=1)]),
    role=st.sampled_from([None, "staff"]),
)
IN_A_FORM = ConversationState(
    flow=FlowState(flow="registration", version=1, step="id_type", answers={"full_name": "A B"})
)
states = st.builds(
    ConversationState,
    flow=st.sampled_from(
        [
            None,
            IN_A_FORM.flow,
            FlowState(flow="registration", version=0, step="gone"),
            FlowState(flow="removed", version=1, step="any"),
        ]
    ),
    menu=st.sampled_from([None, "topics", "removed"]),
    talk=st.sampled_from([None, {"is_on": True}]),
)
texts = st.one_of(
    st.none(),
    st.sampled_from(["hello", "STOP", "start", "menu", "cancel", "human", "register", "1", "CC"]),
    st.text(" ,.;:?!-…\u200b", max_size=4),
    st.text(max_size=20),
)
choices = st.one_of(
    st.none(),
    st.sampled_from(
        ["topics.events", "main_menu.register", "registration.id_type.CC", "faq.human", "more.more"]
    ),
    st.text(max_size=20),
)
attachments = st.one_of(
    st.none(),
    st.builds(
        Attachment,
        st.sampled_from(["image", "audio", "document", "sticker"]),
        st.just("1234"),
        st.sampled_from(["image/jpeg", "audio/ogg; codecs=opus", "application/pdf", ""]),
    ),
)
messages = st.builds(
    Inbound,
    message_id=st.just("wamid.1"),
    kind=st.sampled_from([*POLICY_BY_TYPE, "something_new"]),
    sender=st.just(SENDER),
    phone_number_id=st.just("100000000000001"),
    text=texts,
    choice=choices,
    attachment=attachments,
    is_spoken=st.booleans(),
)


WAITS_AND_OPTED_OUT = User(
    "15551234567",
    wa_id="15551234567",
    opted_out_at=NOW,
    status=ConversationStatus.NEEDS_HUMAN.value,
    bot_paused_until=NOW + timedelta(hours=1),
)
ASKS_FOR_BOT = Inbound("wamid.1", "text", SENDER, "100000000000001", text="menu")
HAS_NO_WORDS = Inbound("wamid.1", "text", SENDER, "100000000000001", text=",")


@example(WAITS_AND_OPTED_OUT, ConversationState(), ASKS_FOR_BOT, "en")
@example(User("15551234567", wa_id="15551234567"), IN_A_FORM, HAS_NO_WORDS, "en")
@given(user=users, state=states, message=messages, language=st.sampled_from(["en", "es"]))
def test_every_message_is_taken_by_exactly_one_stage(
    routing: Routing, user: User, state: ConversationState, message: Inbound, language: str
) -> None:
    turn = ConversationTurn(
        user, "100000000000001", state, language, NOW, message, began_with=state
    )
    routed, taken = routing.route(turn)
    assert taken == [routed.stage]
    if turn.is_blocked:
        assert routed.stage in BEFORE_BLOCKED
        assert routed.decided.messages == ()
    elif turn.is_opted_out and routed.stage == "waiting_for_operator":
        [told] = routed.decided.messages  # how to come back, as the stage `opted_out` says it
        assert "START" in str(told.message) or "ALTA" in str(told.message)
    elif turn.is_opted_out:
        assert routed.stage in BEFORE_OPTED_OUT


def test_the_names_of_stages_are_unique_and_each_has_a_summary(routing: Routing) -> None:
    names = [stage.name for stage in routing.stages]
    assert len(set(names)) == len(names)
    assert names[0] == "standby"
    assert names[-1] == "fallback"
    assert all(stage.summary.endswith(".") for stage in routing.stages)


async def take(turn: ConversationTurn) -> StageResult:
    """Takes every message."""
    return NOTHING


CORE = tuple(Stage(name, take) for name in "abc")


@given(st.lists(st.sampled_from("abc"), max_size=8))
def test_stages_of_features_keep_their_order_and_the_core_keeps_its_own(
    places: Sequence[str],
) -> None:
    added = [Stage(f"x{number}", take, before=(place,)) for number, place in enumerate(places)]
    names = [stage.name for stage in arrange(CORE, added)]
    assert [name for name in names if name in "abc"] == ["a", "b", "c"]
    assert sorted(names) == sorted([*"abc", *(stage.name for stage in added)])
    following = {"a": 0, "b": 1, "c": 2}
    for stage in added:
        later = [name for name in names[names.index(stage.name) :] if name in "abc"]
        assert following[later[0]] == following[stage.before[0]]
    for place in "abc":
        own = [stage.name for stage in added if stage.before == (place,)]
        assert [name for name in names if name in own] == own


def test_a_stage_may_stand_before_one_of_another_feature_that_comes_later() -> None:
    added = [Stage("x", take, before=("y",)), Stage("y", take, before=("absent", "b"))]
    assert [stage.name for stage in arrange(CORE, added)] == ["a", "x", "y", "b", "c"]


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        (
            [Stage("x", take, before=("d",))],
            "x stands before d, and there is no such stage",
        ),
        ([Stage("x", take)], "x stands before nothing, and there is no such stage"),
        ([Stage("a", take, before=("b",))], r"\.py:\d+: another stage is called a too"),
        ([Stage("x", take, before=("b",))] * 2, "another stage is called x too"),
        (
            [Stage("x", take, before=("y",)), Stage("y", take, before=("x",))],
            "x stands before y, and there is no such stage",
        ),
    ],
)
def test_a_stage_without_a_place_or_a_name_of_its_own_is_refused(
    added: Sequence[Stage], problem: str
) -> None:
    with pytest.raises(StageError, match=problem):
        arrange(CORE, added)


async def test_a_table_whose_last_stage_takes_nothing_is_refused() -> None:
    async def pass_on(turn: ConversationTurn) -> StageResult:
        return None

    turn = ConversationTurn(User("1"), "1", ConversationState(), "en", NOW)
    with pytest.raises(StageError, match="the last stage"):
        await route([Stage("x", pass_on)], turn)
