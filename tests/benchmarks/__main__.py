"""Measures the bot beside what it is compared with: `python3 watch.py bench`.

Rates are shown as ratios to something measured in the same run, since machines are noisy. All parts
need two free cores and about twenty minutes; `--quick` takes a tenth of every load. `endurance`
takes hours, and runs only if it is named.
"""

import argparse
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

from utils.invocation_dir import resolve

FEATURES = Path(__file__).parents[1] / "features"
#: Parts of features that are there: the feature whose tests have `benchmark.py`, what it measures.
OF_FEATURES: Mapping[str, tuple[str, str]] = {
    name: part
    for name, part in {
        "notifications": (
            "notifications",
            "batches of notifications beside replies, and statistics",
        ),
        "console": (
            "airtable",
            "registrations on their way to Airtable, and the event loop meanwhile",
        ),
        "waiting": ("assistant", "replies to other people while many wait for a slow model"),
        "photos": ("attachments", "memory while many people send large photos at once"),
        "events": ("events", "events from RabbitMQ per second, and what cuts and kills lose"),
        "inbox": ("inbox", "words that operators find among two million messages of the inbox"),
        "calls": ("calls", "voice calls: how fast they are answered, and what they cost"),
        "talks": (
            "call_assistant",
            "the assistant in voice calls: answers, interruptions, tools, and servers that fail",
        ),
        "tenants": (
            "tenants",
            "one business beside the flood, the refused token and the silent model of others",
        ),
        "asides": (
            "side_questions",
            "questions in the middle of a form, in words that nobody thought of",
        ),
        "knowledge": ("faq", "questions in people's own words that find their answer in the FAQ"),
    }.items()
    if (FEATURES / part[0] / "benchmark.py").is_file()
}
#: All parts, and what they measure: modules of this folder, then those of features, that have
#: `measure(report, scale)`.
PARTS: Mapping[str, str] = {
    "intake": "webhooks taken in per second, beside FastAPI, uvicorn and pywa",
    "storing": "what storing a message costs beside reading it",
    "replies": "webhook to reply, beside pywa, and at a steady rate",
    "sending": "messages sent from the outbox per second",
    "scale": "one person's many messages, and a backlog that processes share",
    "takeover": "waiting times while a process or PostgreSQL fails",
    "reload": "how long a reload of the config file holds the event loop, and 200 edits under load",
    "footprint": "memory, disk, and time to start",
    "endurance": "ten million jobs: rate, latency and size over time (hours; only if named)",
    "understanding": "what people write in their own words, and what it is taken for",
    "routing": "processor time of finding out what a message means, by kind and by stage",
    "emulator": "messages that the emulator takes per second",
    "pages": "how soon each page shows something beside an empty page, and how large it is",
    **{name: measures for name, (_, measures) in OF_FEATURES.items()},
}
#: Parts that take hours: they run only if they are named.
ONLY_IF_NAMED = {"endurance"}
QUICK = 0.1


def main() -> None:
    parser = _parser()
    chosen = parser.parse_args()
    unknown = [name for name in chosen.parts if name not in PARTS]
    if unknown:
        parser.error(f"unknown part: {', '.join(unknown)} (choose from {', '.join(PARTS)})")
    if chosen.list:
        for name, measures in PARTS.items():
            print(f"{name:10}  {measures}")
    else:
        parts = chosen.parts or [name for name in PARTS if name not in ONLY_IF_NAMED]
        _measure(parts, QUICK if chosen.quick else 1.0, chosen.out)


def module_of(name: str) -> ModuleType:
    """Return the module of a part."""
    if name in OF_FEATURES:
        return import_module(f"tests.features.{OF_FEATURES[name][0]}.benchmark")
    return import_module(f"tests.benchmarks.{name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="watch.py bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="all but endurance by default")
    parser.add_argument("--list", action="store_true", help="list the parts, and measure nothing")
    parser.add_argument("--quick", action="store_true", help="a tenth of every load")
    parser.add_argument(
        "--out",
        type=resolve,
        default=Path(".local/bench"),
        help="folder of the table, JSON and chart",
    )
    return parser


def _measure(names: list[str], scale: float, folder: Path) -> None:
    from tests.benchmarks.chart import write_chart
    from tests.benchmarks.report import Report

    report = Report.begin()
    for name in names:
        module_of(name).measure(report, scale)
        report.write(folder)
        write_chart(report, folder / "bench.svg")
    print(f"\nWritten to {folder}: bench.txt, bench.json, bench.svg")


if __name__ == "__main__":
    main()
