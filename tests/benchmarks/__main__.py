"""Measures the bot beside what it is compared with: `python3 watch.py bench`.

Rates are shown as ratios to something measured in the same run, since machines are noisy. Wants
two free cores, and twenty minutes; `--quick` takes a tenth of every load.
"""

import argparse
from pathlib import Path

from tests.benchmarks import emulator, footprint, intake, replies, scale, sending, takeover
from tests.benchmarks.chart import write_chart
from tests.benchmarks.report import Report

from utils.invocation_dir import resolve

PARTS = {
    "intake": intake,
    "replies": replies,
    "sending": sending,
    "scale": scale,
    "takeover": takeover,
    "footprint": footprint,
    "emulator": emulator,
}
QUICK = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(prog="watch.py bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar=" | ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="a tenth of every load")
    parser.add_argument(
        "--out",
        type=resolve,
        default=Path(".local/bench"),
        help="folder of the table, JSON and chart",
    )
    chosen = parser.parse_args()
    report = Report.begin()
    for name in chosen.parts or PARTS:
        PARTS[name].measure(report, QUICK if chosen.quick else 1.0)
        report.write(chosen.out)
        write_chart(report, chosen.out / "bench.svg")
    print(f"\nWritten to {chosen.out}: bench.txt, bench.json, bench.svg")


if __name__ == "__main__":
    main()
