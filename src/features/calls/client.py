"""Calls without the bot around them: for programs that have a webhook of their own.

The names are those of the client for calls of pipecat; decision 36 says what differs.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import aiohttp
import httpx
from loguru import logger
from pydantic import SecretStr

from domain.inbound import Sender
from features.calls.calling import CallingApi, turn_away
from features.calls.carrying import CarriedCalls
from features.calls.client_call import CallConnection, CallInfo, ClientCall, ConnectionCallback
from features.calls.client_engine import EngineStarter, ManagedEngine, addresses_of
from features.calls.client_http import http_over
from features.calls.client_memory import KnownCalls, OngoingCalls
from features.calls.client_webhook import (
    InvalidSignature,
    challenge_of,
    check_signature,
    events_of,
    secrets_of,
)
from features.calls.extra import has_extra
from features.calls.incoming_call import CallTimes
from features.calls.job_specs import ConnectJob, TerminateJob
from features.calls.link import EngineProcess, is_on_this_machine
from features.calls.protocol import Configure
from features.calls.rules import CallCounts, CallFacts, Limits, turned_away
from features.calls.states import End
from services.clients.cloud_api.client import GRAPH_URL
from services.sending.numbers import ActingApi, Number, acting_as

__all__ = ["CallConnection", "CallInfo", "InvalidSignature", "WhatsAppClient"]

#: Longest wait for callbacks to return at the end, in seconds.
LEAVE_SECONDS = 2.0
#: Time in which audio has to connect, and longest call.
DEFAULT_TIMES = CallTimes(connect=timedelta(seconds=8), longest=timedelta(minutes=10))


class WhatsAppClient:
    """Answers the calls of one phone number, and hands them to callbacks of a program.

    `session` sends the requests to Meta, and stays open. `ice_servers` are addresses, or objects
    with `urls`; Meta's calls need none. Without `whatsapp_secret`, signatures are not checked.
    Leave the block of `async with`, or await `close`, at the end of the program. `calls_file` has
    the ids of the calls that go on: the next start ends those of a program that was killed.
    """

    def __init__(
        self,
        whatsapp_token: str,
        phone_number_id: str,
        session: aiohttp.ClientSession | httpx.AsyncClient,
        ice_servers: Iterable[Any] | None = None,
        whatsapp_secret: str | None = None,
        *,
        language: str = "en",
        max_calls: int = 10,
        times: CallTimes = DEFAULT_TIMES,
        calls_file: str | os.PathLike[str] | None = None,
        graph_url: str = GRAPH_URL,
        make_engine: Callable[[Configure], ManagedEngine] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        http = http_over(session)
        self._graph = ActingApi(
            http, token=whatsapp_token, phone_number_id=phone_number_id, base_url=graph_url
        )
        self._api = CallingApi(self._graph, clock, sleep)
        self._number = phone_number_id
        self._secrets = secrets_of(whatsapp_secret)
        self._language, self._times, self._clock = language, times, clock
        self._limits = Limits(at_once=max_calls, per_person_per_hour=sys.maxsize)
        settings = Configure(
            loopback=is_on_this_machine(graph_url),
            ice_servers=addresses_of(ice_servers),
            max_seconds=int(times.longest.total_seconds()),
            connect_seconds=int(times.connect.total_seconds()),
        )
        self._has_engine = make_engine is not None or has_extra()
        if not self._has_engine:
            logger.error("calls are turned away: install requirements-calls.txt")
        self._starter = EngineStarter(settings, make_engine or EngineProcess)
        self._calls = CarriedCalls(lambda end: logger.info("a call ended: {}", end))
        self._tasks: set[asyncio.Task[None]] = set()
        self._ongoing = OngoingCalls(None if calls_file is None else Path(calls_file))
        self._known = KnownCalls()

    async def __aenter__(self) -> Self:
        self._end_left_calls()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def ongoing_calls(self) -> Mapping[str, CallConnection]:
        """The calls that go on, by Meta's id."""
        found = self._calls.live.items()
        return {name: one.connection for name, one in found if isinstance(one, ClientCall)}

    def update_ice_servers(self, ice_servers: Iterable[Any] | None = None) -> None:
        """Use other STUN servers for later calls."""
        self._starter.use_ice_servers(addresses_of(ice_servers))

    def update_whatsapp_secret(self, whatsapp_secret: str | None = None) -> None:
        """Check signatures by another app secret; None: check none."""
        self._secrets = secrets_of(whatsapp_secret)

    def update_whatsapp_token(self, whatsapp_token: str) -> None:
        """Use another token, also to end the calls that go on."""
        token = SecretStr(whatsapp_token)
        self._graph.numbers.replace([Number(one.id, token) for one in self._graph.numbers])

    def update_whatsapp_phone_number_id(self, phone_number_id: str) -> None:
        """Answer the calls of another number; those that go on end at theirs."""
        token = self._graph.numbers.first.token
        self._graph.numbers.replace([*self._graph.numbers, Number(phone_number_id, token)])
        self._number = phone_number_id

    async def handle_verify_webhook_request(
        self, params: Mapping[str, str], expected_verification_token: str
    ) -> str:
        """Return the challenge of Meta's GET request, as Meta wrote it; answer with it.

        Raises:
            ValueError: if something is missing or wrong; answer 403.
        """
        return challenge_of(params, expected_verification_token)

    async def handle_webhook_request(
        self,
        request: Any = None,
        connection_callback: ConnectionCallback | None = None,
        raw_body: bytes | None = None,
        sha256_signature: str | None = None,
    ) -> bool:
        """Begin and end the calls of a webhook; return whether it held any event of one.

        Each event is handled, and returns at once: calls are answered beside the request. Answer
        200 for False as well: other events, such as messages, are not for this client. `request` is
        the body as JSON, or a pydantic model of it. With a secret, `raw_body` is read instead of
        it, since it is what Meta signed. `connection_callback` gets `(connection, call)`, or the
        connection alone, once the call is answered.

        Raises:
            InvalidSignature: if there is a secret, and it did not sign `raw_body`.
        """
        if self._secrets:
            check_signature(raw_body, sha256_signature, self._secrets)
            request = raw_body
        events = list(events_of(raw_body if request is None else request, self._number))
        self._end_left_calls()
        with acting_as(self._number):
            for sender, body in events:
                if isinstance(body, ConnectJob):
                    self._connect(sender, body, connection_callback)
                else:
                    self._terminate(body)
        return bool(events)

    async def terminate_all_calls(self) -> None:
        """End all calls, at the engine and at Meta, at the same time. Raises nothing."""
        await self._calls.drain(timedelta(0))

    async def close(self) -> None:
        """End all calls, callbacks that go on after theirs, and the engine."""
        await self.terminate_all_calls()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LEAVE_SECONDS)
            for task in late:
                task.cancel()
        await self._starter.close()

    async def settled(self) -> None:
        """Wait until no call goes on, and every callback has returned."""
        await self._calls.settled()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _connect(
        self, sender: Sender, body: ConnectJob, callback: ConnectionCallback | None
    ) -> None:
        if body.call in self._known:
            return  # a redelivery, or its end came first
        self._known.add(body.call)
        now = self._clock()
        at = now if body.at is None else min(now, datetime.fromtimestamp(body.at, UTC))
        why = self._why_not(now - at, has_offer=bool(body.sdp))
        if why is not None:
            logger.warning("a call is not answered: {}", why)
            self._spawn(turn_away(self._api, body.call, at))
            return
        person = (sender.wa_id, sender.user_id, sender.profile_name)
        info = CallInfo(body.call, *person, at, body.payload)
        call = ClientCall(
            call=body.call,
            sdp=body.sdp,
            language=self._language,
            offered_at=at,
            engine=self._starter.engine,
            api=self._api,
            times=self._times,
            connection=CallConnection(info, self._language),
            callback=callback,
            start=self._starter.start,
            forget=self._ongoing.remove,
            spawn=self._spawn,
        )
        self._ongoing.add(body.call)
        self._calls.carry(call, body.call)

    def _why_not(self, age: timedelta, *, has_offer: bool) -> End | None:
        facts = CallFacts(
            age=age,
            is_on=self._has_engine,
            is_ready=True,
            is_allowed=True,
            has_offer=has_offer,
            is_open=True,
            is_held=False,
        )
        counts = CallCounts(live=len(self._calls.live), live_of_person=0, recent_of_person=0)
        return turned_away(facts, counts, self._limits)

    def _terminate(self, body: TerminateJob) -> None:
        logger.info("Meta ended a call: {}, after {} s", body.status or "-", body.duration or 0)
        self._known.add(body.call)
        self._calls.hung_up(body.call)

    def _end_left_calls(self) -> None:
        """End the calls of an earlier start, whose program was killed; it is done once."""
        with acting_as(self._number):
            for call in self._ongoing.take_left():
                self._known.add(call)
                self._spawn(self._ongoing.end(call, self._api, self._clock()))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
