"""Sends that the emulator takes, with all its checks: it must not be what others measure."""

from tests.benchmarks.bodies import send_request
from tests.benchmarks.load import Result, send_all
from tests.benchmarks.replies import serving_sink
from tests.benchmarks.report import Report, Section, figure_of
from tests.benchmarks.serving import environment, serving

from app.runtime.event_loop import run
from emulator.cloud_api.config import Config

SENDS = 10_000
TURNS = 3


def measure(report: Report, scale: float) -> None:
    section = Section("emulator", "Sends to the emulator, each with three statuses delivered")
    report.sections.append(section)
    token = Config().access_token
    requests = [send_request(n % 1_000, n, token) for n in range(int(SENDS * scale))]
    section.add(figure_of("emulator", [_taken(requests) for _ in range(TURNS)]))


def _taken(requests: list[bytes]) -> Result:
    app = "tests.benchmarks.apps:create_emulator_without_limits()"
    with serving_sink() as sink, serving(app, environment(meta=sink.url)) as server:
        return run(send_all(server.port, requests))
