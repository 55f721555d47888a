"""What was taken out of the settings leaves work behind, and that is no reason to be unready."""

from pathlib import Path

from tests.fakes.bot import BotHarness

from jobs.job_queue import JobQueue
from jobs.model import NewJob


async def test_the_settings_tell_what_all_workers_serve(town: BotHarness) -> None:
    serving = [pool for worker in town.workers.values() for pool in worker.pools]
    assert sorted(serving) == sorted(town.bot.pools)


async def test_without_the_model_whose_questions_wait_the_bot_is_ready(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    await JobQueue(town.database).enqueue([NewJob("ai:1:ana", "ask", {})])
    await town.wait(3600)
    is_ready, checks = await town.state.health.readiness()
    assert (is_ready, checks["unserved_lanes"]) == (True, 1)
    assert "bot_unserved_lanes 1.0" in (await town.state.health.metrics()).decode()
    await town.stop()
