"""Jobs about people, as webhooks bring them: their lanes are known once the people are."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from domain.inbound import Sender
from jobs.model import NewJob
from jobs.spec import JobSpec


@dataclass(frozen=True, slots=True)
class PersonItem:
    """A job about a person, before its lane is known."""

    sender: Sender
    phone_number_id: str
    spec: JobSpec[Any]
    body: BaseModel
    key: str

    def job(self, user_key: str) -> NewJob:
        """Return the job, in the lane of the user."""
        lane = self.spec.pool.lane(self.phone_number_id, user_key)
        return self.spec.new(lane, self.body, key=self.key)
