"""One name for a webhook and all that follows from it: in the log, in the jobs, in the spans."""

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from loguru import logger
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import SecretStr
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.fakes.captured_log import captured_log
from tests.webhook.test_overload import Web, body

from app.runtime.observability import observed
from emulator.loopback import LoopbackServer
from jobs.attempt import JobHandler
from jobs.model import Job, NewJob, Outcome
from jobs.retry import INTERACTIVE
from jobs.tables import job
from jobs.worker import Worker
from storage.engine.group_commit import GroupCommit, Transaction

PERSON = "+57 300 123 4567"
WORDS = f"could not tell {PERSON} of her illness"


async def reply(done: Job, _state: object) -> Outcome:
    logger.info("handling")
    return Outcome(jobs=[NewJob("out:1", "send", {})])


async def send(done: Job, _state: object) -> Outcome:
    raise RuntimeError(WORDS)


def worker(database: GroupCommit) -> Worker:
    kinds = {"message": JobHandler(reply, INTERACTIVE), "send": JobHandler(send, INTERACTIVE)}
    return Worker(database, kinds, pools=("in", "out"))


class Collector:
    """Takes what is exported over HTTP."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        routes = [Route("/{path:path}", self._take, methods=["POST"])]
        self.server = LoopbackServer(Starlette(routes=routes))

    async def _take(self, request: Request) -> Response:
        raw = await request.body()
        packed = request.headers.get("content-encoding") == "gzip"
        self.bodies.append(gzip.decompress(raw) if packed else raw)
        return Response(b"{}", media_type="application/json")


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    collector = Collector()
    await collector.server.start()
    yield collector
    await collector.server.stop()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with captured_log("DEBUG", as_json=True) as lines:
        yield lines


async def test_a_webhook_its_jobs_and_their_lines_have_one_trace_id(
    database: GroupCommit, log: io.StringIO
) -> None:
    await Web(database).post(body())
    await worker(database).run_until_idle()
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    told = {line["message"]: line.get("trace_id") for line in lines}
    trace = told["[WhatsAppWebhook] webhook stored: message"]
    assert len(trace or "") == 32
    assert told["handling"] == trace
    assert told["job 2 (send) failed, attempt 1"] == trace
    stored = await database.submit(Transaction(lambda c, _: c.scalars(select(job.c.trace)).all()))
    assert [one[3:35] for one in stored] == [trace, trace]


async def test_two_webhooks_have_two(database: GroupCommit) -> None:
    web = Web(database)
    await asyncio.gather(web.post(body(1)), web.post(body(2)))
    stored = await database.submit(Transaction(lambda c, _: c.scalars(select(job.c.trace)).all()))
    assert len(set(stored)) == 2


def test_a_line_of_json_tells_where_an_exception_came_from_and_not_what_it_says(
    log: io.StringIO,
) -> None:
    try:
        raise ValueError(f"{PERSON} is ill")
    except ValueError:
        logger.exception("that failed for {}\nERROR - a line of its own", PERSON)
    [line] = map(json.loads, log.getvalue().splitlines())
    assert (line["level"], line["exception"][0]) == ("ERROR", "ValueError")
    assert "300" not in log.getvalue()
    assert "ill" not in log.getvalue().replace("failed", "")


async def test_spans_of_a_webhook_and_its_jobs_are_exported_as_one_trace(
    database: GroupCommit, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.server.url)
    exporting = observed(None)
    exporting.__enter__()
    await Web(database).post(body())
    await worker(database).run_until_idle()
    await asyncio.to_thread(exporting.__exit__, None, None, None)  # it waits for the collector
    spans = [
        span
        for raw in collector.bodies
        for resource in ExportTraceServiceRequest.FromString(raw).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert [span.name for span in spans] == ["webhook", "message", "send"]
    assert len({span.trace_id for span in spans}) == 1
    assert [span.parent_span_id for span in spans[1:]] == [span.span_id for span in spans[:2]]
    assert not any(PERSON.encode() in raw or b"illness" in raw for raw in collector.bodies)


async def test_sentry_learns_of_errors_and_nothing_of_people(
    collector: Collector, log: io.StringIO
) -> None:
    dsn = collector.server.url.replace("http://", "http://key@") + "/1"
    sending = observed(SecretStr(dsn))
    sending.__enter__()
    try:
        raise RuntimeError(WORDS)
    except RuntimeError:
        logger.exception("failed for {}", PERSON)
    await asyncio.to_thread(sending.__exit__, None, None, None)
    sent = b"".join(collector.bodies)
    assert b"RuntimeError" in sent
    assert b"test_observability" in sent
    for private in (b"300 123", b"illness", b"4567"):
        assert private not in sent


async def test_without_the_environment_nothing_is_exported(collector: Collector) -> None:
    with observed(None):
        logger.error("for the log only")
    assert collector.bodies == []
