"""The page of statistics on a desk and on a phone, in a browser."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.fakes.axe import barriers
from tests.fakes.phone_page import CHROMIUM

from features.notifications.stage import Status
from features.notifications.statistics.page import page as drawn
from features.notifications.statistics.schema import Rate, StatisticsGroup

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")

SINCE, UNTIL = date(2026, 10, 30), date(2026, 11, 28)


def group(**of: str) -> StatisticsGroup:
    rate = Rate(rate=0.9, part=9_000, whole=10_000, of="delivered")
    return StatisticsGroup(
        group=of,
        total=123_456,
        by_status=dict.fromkeys(Status, 12345),
        held=0,
        pending_over_an_hour=1_200,
        failed_by_code={"131026": 7_000, "131049": 5_345},
        delivery=rate,
        read=rate,
        failure=rate,
        median_seconds_to_delivered=2,
        median_seconds_to_read=61,
        billable_by_category={"UTILITY": 90_000, "MARKETING": 12_000},
    )


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_everybody_can_read_it(browser: Browser, size: tuple[int, int]) -> None:
    names = ["order_update", "a_template_with_a_long_name_that_somebody_made"]
    templates = [group(template=one, language="pt_BR") for one in names]
    days = [group(day=f"2026-11-{number:02}") for number in range(1, 29)]
    viewport: Any = {"width": size[0], "height": size[1]}
    page = browser.new_page(viewport=viewport)
    page.set_content(drawn([group()], days, templates, since=SINCE, until=UNTIL))
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    # Words of the plot are as tall as small print, whatever the plot is scaled to.
    heights = page.locator("svg text").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 11
    assert barriers(page) == []
    page.close()
