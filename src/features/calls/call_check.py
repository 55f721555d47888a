"""`watch.py calls check`: what a call needs, on this machine and at Meta, and how one went."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from domain.checks import Finding, fail, ok, skip, warn
from features.calls.doctor import check_calls
from features.calls.end_words import printed_reason
from features.calls.engine_port import CallEvent
from features.calls.extra import has_extra
from features.calls.link import EngineProcess
from features.calls.protocol import Configure, Invitation, Invite
from features.calls.protocol import End as EndOrder
from features.calls.settings import CallSettings
from features.calls.states import End
from features.calls.tables import CallRow

#: Longest start of the engine, and longest time for an SDP offer of it, in seconds.
START_SECONDS, OFFER_SECONDS = 30.0, 10.0
#: Codecs that Meta needs in SDP.
NEEDED = {"opus": "opus/48000/2", "keys (telephone-event)": "telephone-event/8000"}
FIREWALL = "Let UDP out of this machine, and the answers to it in; nothing else has to be open."


async def check_machine(settings: CallSettings) -> list[Finding]:
    """Say whether the engine starts, speaks, and makes SDP with addresses that UDP reaches."""
    installed = await check_calls(is_on=settings.calls_enabled)
    if not has_extra():
        return [installed]
    configured = Configure(ice_servers=settings.ice_servers)
    try:
        async with _engine(configured) as engine:
            sdp = await _offer(engine)
            speaks = engine.ready.speaks if engine.ready is not None else "nothing"
    except TimeoutError:
        return [installed, fail("the engine of calls does not start", "Look at the log above.")]
    return [installed, ok(f"the engine starts, and speaks by {speaks}"), *read_sdp(sdp, settings)]


def read_sdp(sdp: str, settings: CallSettings) -> Iterator[Finding]:
    """Say what an offer of ours has, and lacks."""
    lines = sdp.split("\r\n")
    missing = [name for name, codec in NEEDED.items() if codec not in sdp]
    if missing or "a=rtcp-mux" not in lines or "a=fingerprint:sha-256 " not in sdp:
        yield fail(f"our SDP lacks {', '.join(missing) or 'DTLS'}", "Report this: it is a bug.")
        return
    kinds = [line.split(" typ ")[1].split()[0] for line in lines if line.startswith("a=candidate")]
    if not kinds:
        yield fail("this machine has no address for UDP", FIREWALL)
        return
    yield ok(f"our SDP has Opus, keys, DTLS and addresses for UDP: {len(kinds)}")
    if settings.ice_servers and "srflx" not in kinds and "relay" not in kinds:
        yield warn("CALL_ICE_SERVERS do not answer: a call would wait for them", FIREWALL)
    elif settings.ice_servers:
        yield ok("UDP leaves this machine, and answers come back: CALL_ICE_SERVERS answer")


def check_meta(calling: Mapping[str, Any]) -> Iterator[Finding]:
    """Say whether the calling settings of the number let people call."""
    if calling.get("status") != "ENABLED":
        yield fail("calling is off at Meta", "Run `watch.py calls settings --enable`.")
    else:
        yield ok("calling is on at Meta; phones show it within seven days")
    sip = calling.get("sip")
    if isinstance(sip, Mapping) and sip.get("status") == "ENABLED":
        yield fail("SIP is on, so no webhook of a call has its SDP", "Switch SIP off at Meta.")
    if calling.get("srtp_key_exchange_protocol", "DTLS") != "DTLS":
        yield fail("the keys of audio are exchanged by SDES", "Set it to DTLS at Meta.")
    if calling.get("restrictions"):
        yield warn("Meta restricts the calls of this number", "Look at WhatsApp Manager.")
    if calling.get("callback_permission_status") != "ENABLED":
        yield skip("callers are not asked whether you may call back (callback_permission_status)")


def report(row: CallRow) -> Iterator[Finding]:
    """Say how a call went that is over: when each stage was reached, and who was heard."""
    steps = {
        "pre-accepted": row.pre_accepted_at,
        "audio connected": row.connected_at,
        "answered": row.accepted_at,
    }
    times = [
        f"{name} after {(at - row.offered_at).total_seconds():.2f} s"
        for name, at in steps.items()
        if at is not None
    ]
    if row.accepted_at is None:
        stages = ", ".join(times) or "no stage was reached"
        said = f"not answered: {printed_reason(row)}. {stages.capitalize()}"
        yield fail(said, "docs/calls.md says what each end means.")
        return
    yield ok(f"{', '.join(times)} (Meta's time of the offer has no fractions)")
    heard, said_ = row.heard_seconds or 0.0, row.said_seconds or 0.0
    talk = f"{row.seconds} s; the caller spoke {heard:.1f} s, the bot {said_:.1f} s"
    if row.reason in (End.NO_MEDIA, End.LOST, End.FAILED):
        yield fail(f"{printed_reason(row)}: {talk}", FIREWALL)
    elif not heard:
        yield warn(f"the caller was not heard in {talk}", "Speak in the call; else see UDP.")
    else:
        yield ok(f"{printed_reason(row)}: {talk}")


@asynccontextmanager
async def _engine(settings: Configure) -> AsyncIterator[EngineProcess]:
    engine = EngineProcess(settings)
    async with engine.running():
        async with asyncio.timeout(START_SECONDS):
            await engine.until_ready()
        yield engine


async def _offer(engine: EngineProcess) -> str:
    events: asyncio.Queue[CallEvent] = asyncio.Queue()
    engine.route("check", events)
    await engine.send(Invite(call="check", language="en"))
    async with asyncio.timeout(OFFER_SECONDS):
        while not isinstance(event := await events.get(), Invitation):
            pass
    await engine.send(EndOrder(call="check"))
    return event.sdp
