"""Alerts: operators are told in the chat of their team that somebody asks for a person."""

import aiohttp
import httpx
from pydantic import BaseModel, ConfigDict

from domain.user import User
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.retry import PATIENT
from jobs.spec import JobSpec, Pool, WorkerProfile

#: Longest words of a person that an alert quotes, in characters.
MAX_QUOTED_CHARS = 200

ALERTS = Pool("notice", WorkerProfile("alerts", max_lanes=8, stop_order=4), quotes_people=True)
LANE = ALERTS.lane("operators")


#: What operators read about somebody whom the bot does not answer any more.
MACHINE = (
    "This seems to be a machine that always sends the same text. The bot does not answer it until "
    "another text comes."
)


class AlertJob(BaseModel):
    """The text of an alert."""

    model_config = ConfigDict(frozen=True)

    text: str


ALERT = JobSpec("notice", AlertJob, pool=ALERTS, retry=PATIENT)


class AlertFailed(Exception):
    """The chat did not take the alert."""


def alert_job(person: User, *, ticket: str, asked: str) -> NewJob:
    """Return a job that alerts operators to a ticket."""
    quoted = f': "{asked[:MAX_QUOTED_CHARS]}"' if asked else ""
    text = _plain(f"{_who(person)} asks for a person{quoted}. Ticket {ticket}.")
    return ALERT.new(LANE, AlertJob(text=text), key=f"notice:{ticket}")


def nudge_job(person: User, *, ticket: str) -> NewJob:
    """Return a job that reminds operators of a ticket that nobody has answered."""
    text = _plain(f"{_who(person)} still waits for an answer. Ticket {ticket}.")
    return ALERT.new(LANE, AlertJob(text=text), key=f"nudge:{ticket}")


def machine_job(person: User, key: str) -> NewJob:
    """Return a job that tells operators that the bot no longer answers a machine."""
    text = _plain(f"{_who(person)}: {MACHINE}")
    return ALERT.new(LANE, AlertJob(text=text), key=f"machine:{key}")


def notice_job(person: User, *, ticket: str, told: str) -> NewJob:
    """Return a job that tells operators what a flow has for them."""
    text = _plain(f"{_who(person)}: {told} Ticket {ticket}.")
    return ALERT.new(LANE, AlertJob(text=text), key=f"notice:{ticket}")


def _who(person: User) -> str:
    known = person.full_name or person.profile_name or "Somebody"
    return f"{known} ({person.phone})" if person.phone else known


def text_alert(text: str, key: str) -> NewJob:
    """Return a job that tells operators a text; the same key tells it once."""
    return ALERT.new(LANE, AlertJob(text=_plain(text)), key=f"notice:{key}")


def _plain(text: str) -> str:
    """Words of strangers: no link under another name, and nobody is called (@channel)."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("@", "@\N{ZERO WIDTH SPACE}").replace("](", "] (")


class HandoffAlerts:
    """Posts to the address that a chat gives for incoming messages.

    The body is `{"text": ...}`, which Slack, Mattermost, Google Chat, Rocket.Chat and Zulip read,
    and Discord where "/slack" is put behind its address.
    """

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    async def post(self, job: Job, body: AlertJob, state: LaneState) -> Outcome:
        """Post one alert. Raise AlertFailed."""
        try:
            answer = await self._http.post(self._url, json={"text": body.text})
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            raise AlertFailed(
                f"the operators' chat cannot be reached: {type(error).__name__}"
            ) from error
        if answer.status_code >= 300:
            raise AlertFailed(f"the operators' chat answered {answer.status_code}")
        return Outcome()
