"""Makes what decides about messages that may not be sent, or that Meta refuses."""

from jobs.model import Job, NewJob
from services.conversations.send_refusals import consequences
from services.feature import Parts
from services.sending.closed_window import ClosedWindow
from services.sending.permission import SendPermission
from services.sending.refusals import Refusals
from storage.tables.users import Users


def make_closed_window(parts: Parts) -> ClosedWindow:
    """Return what becomes of messages outside the window."""
    return ClosedWindow(
        parts.context.outside_window_template,
        Users(parts.database),
        parts.context.extensions.observers,
        parts.clock,
    )


def make_refusals(parts: Parts) -> Refusals:
    """Return what decides before a message is sent, and after Meta refused it."""

    def consequences_of(job: Job, code: int | None) -> list[NewJob]:
        added = (new for feature in parts.features for new in feature.refused(code))
        return [*consequences(job, code), *added]

    return Refusals(
        SendPermission(Users(parts.database), parts.clock),
        make_closed_window(parts),
        parts.context.extensions.observers,
        consequences_of,
        parts.context.extensions.reported,
        parts.clock,
    )
