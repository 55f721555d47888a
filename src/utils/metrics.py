"""Metrics of a process, for Prometheus."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    start_http_server,
)

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
RECEIVED_KINDS = ("message", "status", "other", "not_allowed")


class Metrics:
    """The metrics of one process; nothing is registered globally.

    Metrics with few labels are mappings by label: all start at 0, and none is looked up again.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
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
        self.send_seconds = Histogram(
            "bot_send_seconds",
            "Wait for Meta's answer to a message",
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        self.empty_answers = Counter(
            "bot_empty_answers",
            "Answers of the agent that showed nothing",
            registry=registry,
        )
        self.jobs = Gauge("bot_jobs", "Jobs by state", ["state"], registry=registry)
        self.lag_seconds = Gauge("bot_lag_seconds", "Longest wait of due work", registry=registry)
        self.unserved_lanes = Gauge(
            "bot_unserved_lanes",
            "Lanes that are due and that no worker serves with these settings",
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

    def serve(self, host: str, port: int) -> None:
        """Serve the metrics on a port of their own, in a thread: for processes without a web."""
        start_http_server(port, host, registry=self._registry)

    def exposition(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self._registry)
