"""What the program counts about itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

#: seconds
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One set of counters per process; nothing is registered globally."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self.webhooks = Counter(
            "bot_webhooks", "Webhook bodies by what became of them", ["result"], registry=registry
        )
        self.received = Counter(
            "bot_received", "Messages, statuses and others received", ["kind"], registry=registry
        )
        self.intake_seconds = Histogram(
            "bot_intake_seconds",
            "From a webhook's arrival to its commit",
            buckets=LATENCIES,
            registry=registry,
        )
        self.job_seconds = Histogram(
            "bot_job_seconds",
            "Handling one job",
            ["kind"],
            buckets=LATENCIES,
            registry=registry,
        )
        self.sends = Counter(
            "bot_sends",
            "Messages handed to Meta, with its error code if it refused",
            ["result", "code"],
            registry=registry,
        )
        self.send_seconds = Histogram(
            "bot_send_seconds", "Meta's answer to a send", buckets=LATENCIES, registry=registry
        )
        self.jobs = Gauge("bot_jobs", "Jobs by state", ["state"], registry=registry)
        self.lag_seconds = Gauge(
            "bot_lag_seconds", "Longest wait of work that is due", registry=registry
        )

    def exposition(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)
