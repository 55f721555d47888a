"""The jobs of the assistant. A question has a lane of its own: menus are answered meanwhile."""

from datetime import timedelta

from features.assistant.chat_state import AnswerJob, AskJob
from jobs.retry import INTERACTIVE, RetryPolicy
from jobs.spec import JobSpec, Pool, WorkerProfile
from services.conversations.job_specs import CONVERSATIONS

#: Each attempt costs tokens, so there is only one more.
ONCE_MORE = RetryPolicy(tries=2, first=timedelta(seconds=1), longest=timedelta(seconds=1))

#: Few begin at the same time: each takes some milliseconds of computing first.
ASSISTANT_WORKER = WorkerProfile("assistant", max_lanes=500, max_lanes_per_claim=2, stop_order=1)
QUESTIONS = Pool("ai", ASSISTANT_WORKER, is_about_person=True)

ASK = JobSpec("ask", AskJob, pool=QUESTIONS, retry=ONCE_MORE)
ANSWER = JobSpec("answer", AnswerJob, pool=CONVERSATIONS, retry=INTERACTIVE)
