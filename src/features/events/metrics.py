"""Metrics of events, for Prometheus."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Upper bounds of the buckets of the lag, in seconds: a broker may have kept an event for long.
LAG_BUCKETS_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 86400)
#: What becomes of an event: taken, or not understood; then one of the others.
RESULTS = ("stored", "refused", "sent", "duplicate", "skipped", "failed")


class EventMetrics:
    """What a process counts of events. Types are those of the rules, and "unknown"."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Counter(
            "bot_events", "Events of other systems by result", ["type", "result"], registry=registry
        )
        self.lag_seconds = Histogram(
            "bot_event_lag_seconds",
            "From the time of an event to its commit",
            buckets=LAG_BUCKETS_SECONDS,
            registry=registry,
        )
        self.is_connected = Gauge(
            "bot_broker_connected",
            "1 while this process takes events from RabbitMQ, 0 while it cannot",
            registry=registry,
        )
        self.waiting = Gauge(
            "bot_broker_waiting", "Events that wait in the queue of RabbitMQ", registry=registry
        )

    def count(self, type_: str, result: str) -> None:
        """Count an event."""
        self.events.labels(type_, result).inc()

    def stored(self, type_: str, happened_at: datetime | None, now: datetime) -> None:
        """Count an event that is committed, and how old it is."""
        self.count(type_, "stored")
        if happened_at is not None and happened_at.tzinfo is not None:
            self.lag_seconds.observe(max(0.0, (now - happened_at).total_seconds()))
