"""What it takes to keep a file: a row, and the job that fetches its content."""

from datetime import datetime

from domain.inbound import Inbound
from features.kept_files.jobs import FILES, KEEP_FILE, FileJob
from flow_engine import Media
from services.conversations.decisions import Decisions, enqueueing, writing
from services.conversations.message_view import file_name
from services.conversations.turn import ConversationTurn
from storage.tables import kept_files


def fetched(turn: ConversationTurn, file: Media, *, forget_at: datetime | None = None) -> Decisions:
    """Decide to keep a file: in an answer, or until `forget_at` outside of a form."""
    expected = kept_files.expect(
        file.media_id,
        user_key=turn.user.key,
        kind=file.kind,
        mime_type=file.mime_type,
        filename=file.filename,
        at=turn.now,
        message_id=turn.message.message_id if forget_at is not None else None,
        forget_at=forget_at,
    )
    lane = FILES.lane(turn.phone_number_id, turn.user.key)
    job = KEEP_FILE.new(lane, FileJob(file_id=file.media_id), key=f"keep:{file.media_id}")
    return writing(expected) + enqueueing([job])


def file_of(message: Inbound) -> Media | None:
    """Return the file of a message; None for a burst, whose messages came one by one before."""
    sent = message.attachment
    if sent is None or message.joined:
        return None
    return Media(
        media_id=sent.media_id,
        kind=sent.kind,
        mime_type=sent.mime_type,
        filename=file_name(message),
    )
