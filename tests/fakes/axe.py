"""axe-core in a browser: what people with a screen reader or weak eyes cannot use on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: The rules of WCAG and good practice that axe-core checks by itself, in one look.
AXE = Axe()


def barriers(page: Page) -> list[str]:
    """What axe-core finds, a line each: the rule, and where."""
    found = AXE.run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]
