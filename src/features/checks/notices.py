"""What a person is told when a check has no answer, by cause."""

from services.agent import AgentUnavailable, ModerationRefused

#: Causes, and the text of each.
TEXTS = {
    "timeout": "checks.timeout",
    "busy": "checks.busy",
    "credentials": "checks.credentials",
    "empty": "checks.empty",
    "template": "checks.failed",
    "failed": "checks.failed",
}
#: What is said in place of texts that lead to the menu, where checks answer everything.
WITHOUT_MENU = {
    "checks.timeout": "checks.alone.timeout",
    "checks.credentials": "checks.alone.credentials",
    "checks.failed": "checks.alone.failed",
    "checks.busy": "checks.busy",
    "checks.empty": "checks.empty",
    "assistant.spent": "checks.alone.spent",
    "assistant.refuses": "checks.alone.refuses",
    "assistant.unavailable": "checks.alone.failed",
}


def cause_of(error: Exception) -> str:
    """Return the cause of a failure, a key of TEXTS; "refused" for moderation."""
    if isinstance(error, ModerationRefused):
        return "refused"
    origin = error.__cause__
    status = getattr(origin, "status_code", None)
    if isinstance(error, TimeoutError) or _is_timeout(origin):
        return "timeout"
    if status in (401, 403):
        return "credentials"
    if status == 429 or (isinstance(status, int) and status >= 500):
        return "busy"
    is_empty = isinstance(error, AgentUnavailable) and "empty" in str(error)
    return "empty" if is_empty else "failed"


def _is_timeout(error: BaseException | None) -> bool:
    return isinstance(error, TimeoutError) or type(error).__name__ == "APITimeoutError"
