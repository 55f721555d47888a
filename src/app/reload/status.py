"""Which config is in force, and whether a newer one was refused: for health and metrics."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

RESULTS = ("applied", "refused", "unchanged")


@dataclass(slots=True)
class ReloadStatus:
    """What is told of reloads; it outlives the bots of the process."""

    #: Short hash of the file in force.
    hash: str = ""
    refused_at: datetime | None = None
    problems: Sequence[str] = ()
    #: The files that were refused last.
    version: str = ""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    reloads: Counter = field(init=False)
    loaded: Gauge = field(init=False)
    is_refused: Gauge = field(init=False)

    def __post_init__(self) -> None:
        none = CollectorRegistry()
        self.reloads = Counter(
            "bot_config_reloads", "Changes of the config file by result", ["result"], registry=none
        )
        for result in RESULTS:
            self.reloads.labels(result)
        self.loaded = Gauge(
            "bot_config_loaded", "1 for the config file in force", ["hash"], registry=none
        )
        self.is_refused = Gauge(
            "bot_config_refused", "1 while a newer config file is refused", registry=none
        )

    def register(self, registry: CollectorRegistry) -> None:
        """Add these metrics to those of a bot."""
        registry.register(self.reloads)
        registry.register(self.loaded)
        registry.register(self.is_refused)

    def applied(self, digest: str) -> None:
        """Note that a file is in force."""
        self.hash, self.refused_at, self.problems, self.version = digest, None, (), ""
        self.loaded.clear()
        self.loaded.labels(digest).set(1)
        self.is_refused.set(0)

    def refused(self, problems: Sequence[str], version: str) -> bool:
        """Note that a file is not, and why. Return whether that is news: each edit is told once."""
        is_new = (version, *problems) != (self.version, *self.problems)
        self.refused_at, self.problems = self.refused_at or self.clock(), problems
        self.version = version
        self.is_refused.set(1)
        return is_new

    def health(self) -> Mapping[str, str]:
        """Return the line for `GET /health/ready`."""
        if self.refused_at is None:
            return {"config": f"{self.hash} in force"}
        since = f"refused since {self.refused_at:%Y-%m-%d %H:%M:%S} UTC"
        return {"config": f"{since}, {self.hash} in force: {self.problems[0]}"}
