"""Metrics of a process, for Prometheus."""

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    make_wsgi_app,
    start_http_server,
)

from utils.monitor_access import NOT_FOR_YOU, MonitorAccess

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Added = TypeVar("Added")

#: Upper bounds of the buckets of histograms, in seconds.
LATENCY_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

#: Values of the label "result" of `bot_webhooks`.
WEBHOOK_RESULTS = (
    "stored",
    "too_large",
    "forbidden",
    "bad_json",
    "not_stored",
    "overloaded",
)
#: Values of the label "kind" of `bot_received`.
RECEIVED_KINDS = (
    "message",
    "status",
    "unknown_status",
    "other",
    "other_number",
    "not_allowed",
)


class Metrics:
    """The metrics of one process; nothing is registered globally.

    Metrics with few labels are mappings by label: all start at 0, and none is looked up again.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        #: Those that features have added, by what makes them.
        self._added: dict[object, Any] = {}
        registry = self.registry
        webhooks = Counter(
            "bot_webhooks", "Webhook bodies by result", ["result"], registry=registry
        )
        self.webhooks = {result: webhooks.labels(result) for result in WEBHOOK_RESULTS}
        received = Counter(
            "bot_received", "Messages, statuses and others received", ["kind"], registry=registry
        )
        self.received = {kind: received.labels(kind) for kind in RECEIVED_KINDS}
        self.intake_seconds = Histogram(
            "bot_intake_seconds",
            "From the arrival of a webhook to its commit",
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        self.job_seconds = Histogram(
            "bot_job_seconds",
            "Handling one job",
            ["kind"],
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        self.sends = Counter(
            "bot_sends",
            "Messages sent to Meta, with its error code if it refused them",
            ["result", "code"],
            registry=registry,
        )
        self.undelivered = Counter(
            "bot_undelivered",
            "Messages that Meta took and did not deliver, with its error code",
            ["code"],
            registry=registry,
        )
        self.send_seconds = Histogram(
            "bot_send_seconds",
            "Wait for Meta's answer to a message",
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        self.jobs = Gauge(
            "bot_jobs", "Jobs by state, counted to 100,000", ["state"], registry=registry
        )
        self.empty_answers = Counter(
            "bot_empty_answers",
            "Answers of the agent that showed nothing",
            registry=registry,
        )
        self.machine_messages = Counter(
            "bot_machine_messages",
            "Messages of machines that always send the same text, which got no reply",
            registry=registry,
        )
        self.template_problems = Counter(
            "bot_template_problems",
            "Templates that Meta paused, rejected, rated low or put into another category",
            registry=registry,
        )
        name = "bot_token_seconds"
        self.token_seconds = Gauge(name, "Time until the access token ends", registry=registry)
        self.token_seconds.set(math.inf)
        callbacks = Counter("bot_callbacks", "Callbacks by result", ["result"], registry=registry)
        results = ("delivered", "failed", "refused")
        self.callbacks = {result: callbacks.labels(result) for result in results}
        self.lag_seconds = Gauge("bot_lag_seconds", "Longest wait of due work", registry=registry)
        self.unserved_lanes = Gauge(
            "bot_unserved_lanes",
            "Lanes that are due and that no worker serves with these settings",
            registry=registry,
        )
        self.unreadable_states = Gauge(
            "bot_unreadable_states",
            "Lanes with a state that could not be read and was put aside",
            registry=registry,
        )
        self.sleeping_lanes = Counter(
            "bot_sleeping_lanes",
            "Lanes that slept though they had work that was due, and were woken",
            registry=registry,
        )
        self.open_erasures = Gauge(
            "bot_open_erasures",
            "People whose erasure was requested and is not done yet",
            registry=registry,
        )
        self.wal_bytes = Gauge("bot_wal_bytes", "Size of the log of SQLite", registry=registry)
        self.behind_seconds = Gauge(
            "bot_behind_seconds", "Longest wait for the commit under way", registry=registry
        )
        self.loop_lag_seconds = Histogram(
            "bot_loop_lag_seconds",
            "How late the event loop is",
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def of(self, kind: Callable[[CollectorRegistry], Added]) -> Added:
        """Return the metrics of a feature: the same ones for all bots of a process."""
        if kind not in self._added:
            self._added[kind] = kind(self.registry)
        found: Added = self._added[kind]
        return found

    def serve(self, host: str, port: int, access: MonitorAccess) -> None:
        """Serve the metrics on a port of their own, in a thread: for processes without a web."""
        server, _ = start_http_server(port, host, registry=self.registry)
        server.set_app(_guarded(make_wsgi_app(self.registry), access))

    def exposition(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self.registry)


def _guarded(app: "WSGIApplication", access: MonitorAccess) -> "WSGIApplication":
    """Return the same application for monitors alone."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if access.allows(environ["REMOTE_ADDR"], headers):
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [NOT_FOR_YOU.encode()]

    return answer
