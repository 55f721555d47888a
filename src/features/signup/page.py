"""The page of a link. Meta's dialog runs in it, or that of the emulator."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path

from features.signup.steps import SignupSteps, Step
from features.signup.tables import StoredSignup
from services.clients.cloud_api.client import API_VERSION, GRAPH_URL

FILES = Path(__file__).parent / "files"
#: What the steps mean to the person, in their order.
_TOLD: Mapping[Step, str] = {
    Step.CONNECTED: "Your number is connected.",
    Step.SUBSCRIBED: "Its messages reach us.",
    Step.REGISTERED: "It may send messages.",
    Step.LIVE: "The bot answers.",
}
_META = "https://connect.facebook.net https://www.facebook.com https://web.facebook.com"


def page(one: StoredSignup, steps: SignupSteps) -> str:
    """Return the page."""
    order = list(Step)
    done = order.index(Step(one.step))
    items = "".join(
        f'<li class="{"done" if order.index(step) <= done else ""}">{told}</li>'
        for step, told in _TOLD.items()
    )
    problem = f'<p class="problem">{escape(one.problem)}</p>' if one.problem else ""
    config = {
        "app": steps.app_id,
        "config": steps.config_id,
        "version": API_VERSION,
        "dialog": "" if is_real(steps) else f"{steps.api.base_url}/emulator/signup",
    }
    template = (FILES / "page.html").read_text(encoding="utf-8")
    for name, value in {
        "title": escape(one.title),
        "steps": items,
        "problem": problem,
        "is_connected": "hidden" if one.step != Step.INVITED else "",
        "may_continue": "" if one.problem and one.step != Step.INVITED else "hidden",
        "is_live": "" if one.step == Step.LIVE else "hidden",
        "config": json.dumps(config).replace("<", "\\u003c"),
    }.items():
        template = template.replace(f"{{{{ {name} }}}}", value)
    return template


def page_headers(steps: SignupSteps) -> Mapping[str, str]:
    """Return headers that let nothing else in than Meta's dialog."""
    more = f" {_META}" if is_real(steps) else ""
    policy = (
        f"default-src 'none'; script-src 'unsafe-inline'{more}; style-src 'unsafe-inline'; "
        f"connect-src 'self'{more}; frame-src 'self'{more}; base-uri 'none'; form-action 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",  # the address is a secret
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def is_real(steps: SignupSteps) -> bool:
    """Return whether the numbers are Meta's, and not the emulator's."""
    return steps.api.base_url == GRAPH_URL
