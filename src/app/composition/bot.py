"""Builds the bot of one process from its settings: parts, features, jobs, workers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from app.composition.core_jobs import make_core_jobs
from app.composition.feature_building import build_features
from app.composition.parts import make_parts
from app.composition.workers import make_workers, runs, served_pools, wake
from config.env import Settings
from domain.state_change import StateObserver
from jobs.model import NewJob
from jobs.spec import HandledJob
from jobs.worker import Worker
from services.feature import Feature, Parts
from storage.engine.group_commit import GroupCommit
from utils.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts of one process, built and not yet running."""

    settings: Settings
    parts: Parts
    handled: tuple[HandledJob, ...]
    #: Workers of this process, which are woken when jobs are enqueued.
    workers: list[Worker]

    @property
    def features(self) -> Sequence[Feature]:
        return self.parts.features

    @property
    def served_features(self) -> list[Feature]:
        """Features with a pool that this process serves."""
        role = self.settings.role
        return [one for one in self.features if any(runs(pool.worker, role) for pool in one.pools)]

    @property
    def pools(self) -> tuple[str, ...]:
        """Pools that the settings have served, in whichever process."""
        return self.parts.served_pools

    def make_workers(self) -> dict[str, Worker]:
        """Return the workers by name, in the order in which they stop."""
        parts, settings = self.parts, self.settings
        mine = [one for one in self.handled if runs(one.spec.pool.worker, settings.role)]
        made = make_workers(mine, parts.database, parts.metrics, lease=settings.lease)
        self.workers[:] = made.values()
        return made

    def wake(self) -> None:
        """Have the workers look for work now."""
        wake(self.workers)

    def first_jobs(self) -> list[NewJob]:
        """Return what to enqueue whenever a worker starts."""
        return [job for feature in self.features for job in feature.first_jobs()]


def build_bot(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    metrics: Metrics,
    *,
    state_observers: Sequence[StateObserver] = (),
    **others: Any,
) -> Bot:
    """Build everything that a process may need, whatever its role.

    `state_observers` are told of each turn. `others` take the place of an agent, a clock or a way
    to sleep: see `make_parts`.
    """
    workers: list[Worker] = []
    parts = make_parts(settings, database, http, metrics, partial(wake, workers), **others)
    build_features(parts)
    core = make_core_jobs(parts, state_observers)
    added = [job for feature in parts.features for job in feature.jobs()]
    parts.served_pools = served_pools((*core, *added))
    return Bot(settings, parts, (*core, *added), workers)
