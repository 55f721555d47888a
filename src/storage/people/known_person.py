"""When a number has passed from one person to another: the rule of docs/decisions/0014."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.inbound import Sender

#: Silence after which another name means another person, where no user id tells.
LONG_SILENCE = timedelta(days=90)
#: How exactly it is known when a person was seen last: one write a day at most.
SEEN_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What WhatsApp says of the person of a row; a process remembers it, to see what is new."""

    key: str
    user_id: str | None
    wa_id: str | None
    profile_name: str | None
    seen_at: datetime | None

    def is_stale(self, now: datetime) -> bool:
        """Whether it is to be noted that the person was seen now."""
        return self.seen_at is None or now - self.seen_at >= SEEN_EVERY

    def has_lost_number_to(self, sender: Sender, now: datetime) -> bool:
        """Whether somebody who writes from this person's number is another person.

        User ids tell, where both are known. Else it is the same person, unless the number was
        silent for long and comes back under another name.
        """
        if self.user_id is not None and sender.user_id is not None:
            return sender.user_id != self.user_id != sender.previous_user_id
        names = [
            name and name.strip().casefold() for name in (self.profile_name, sender.profile_name)
        ]
        has_other_name = None not in names and names[0] != names[1]
        is_silent = self.seen_at is not None and now - self.seen_at >= LONG_SILENCE
        return has_other_name and is_silent
