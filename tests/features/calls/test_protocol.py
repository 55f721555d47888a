"""Frames between the desk and the engine."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from features.calls import framing, protocol
from features.calls.framing import MAX_FRAME, FrameError
from features.calls.protocol import Beat, CallEnd, Configure, Ended, Line, Offer, Said, Say
from features.calls.talker_frames import (
    Converse,
    Heard,
    OpenAiAccess,
    Spoken,
    TalkerGone,
    TalkerKind,
    ToolAsked,
    ToolDefinition,
    ToolResult,
)

TEXTS = st.text(max_size=50)
ORDERS = st.one_of(
    st.builds(Offer, call=TEXTS, sdp=TEXTS, language=TEXTS),
    st.builds(
        Say,
        call=TEXTS,
        lines=st.tuples(st.builds(Line, text=TEXTS, language=TEXTS)),
        then_end=st.booleans(),
    ),
    st.builds(
        Converse,
        call=TEXTS,
        talker=st.sampled_from(TalkerKind),
        language=TEXTS,
        instructions=TEXTS,
        tools=st.tuples(st.builds(ToolDefinition, parameters=st.just({"type": "object"}))),
    ),
    st.builds(ToolResult, call=TEXTS, id=TEXTS, output=TEXTS),
    st.builds(Configure, loopback=st.booleans(), ice_servers=st.tuples(TEXTS)),
)
REPORTS = st.one_of(
    st.builds(Said, call=TEXTS, is_interrupted=st.booleans()),
    st.builds(Ended, call=TEXTS, end=st.sampled_from(CallEnd)),
    st.builds(Heard, call=TEXTS, text=TEXTS),
    st.builds(Spoken, call=TEXTS, text=TEXTS, is_cut=st.booleans()),
    st.builds(ToolAsked, call=TEXTS, id=TEXTS, name=TEXTS, arguments=TEXTS),
    st.builds(TalkerGone, call=TEXTS, why=TEXTS),
    st.builds(Beat, active=st.integers(0, 99)),
)


def reader(content: bytes) -> asyncio.StreamReader:
    """Return a pipe that holds this, and was closed."""
    pipe = asyncio.StreamReader()
    pipe.feed_data(content)
    pipe.feed_eof()
    return pipe


@given(st.lists(ORDERS, max_size=4), st.lists(REPORTS, max_size=4))
def test_frames_arrive_as_they_were_sent(
    orders: list[protocol.Order], reports: list[protocol.Report]
) -> None:
    async def check() -> None:
        pipe = reader(b"".join(map(framing.encode, orders)))
        assert [await framing.read_order(pipe) for _ in orders] == orders
        assert await framing.read_order(pipe) is None
        pipe = reader(b"".join(map(framing.encode, reports)))
        assert [await framing.read_report(pipe) for _ in reports] == reports

    asyncio.run(check())


async def test_a_key_is_handed_over_and_never_shown() -> None:
    openai = OpenAiAccess(api_key=SecretStr("sk-1"), base_url="u", realtime_model="m", voice="v")
    configure = Configure(openai=openai)
    assert "sk-1" not in repr(configure)
    read = await framing.read_order(reader(framing.encode(configure)))
    assert isinstance(read, Configure)
    assert read.openai is not None
    assert read.openai.api_key.get_secret_value() == "sk-1"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xff\xff\xff{}",
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x03abc",
        b'\x00\x00\x00\x10{"told": "other"}'[:20],
    ],
)
async def test_what_is_no_frame_is_an_error_that_quotes_nothing(content: bytes) -> None:
    with pytest.raises(FrameError) as raised:
        await framing.read_report(reader(content))
    assert "abc" not in str(raised.value)


async def test_a_cut_frame_is_the_end_and_a_long_one_an_error() -> None:
    assert await framing.read_report(reader(b"\x00\x00\x00\x09{")) is None
    with pytest.raises(FrameError, match="longer"):
        framing.encode(Offer(call="a", sdp="x" * MAX_FRAME, language="en"))


async def test_sdp_and_words_are_not_in_what_a_log_would_show() -> None:
    shown = repr(Offer(call="a", sdp="v=0", language="en"))
    shown += repr(Say(call="a", lines=(Line(text="secret", language="en"),)))
    assert "v=0" not in shown
    assert "secret" not in shown
