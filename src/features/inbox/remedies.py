"""What operators can do about a message that did not arrive, by Meta's code of the error.

Source: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from domain.delivery import StatusReport

REMEDIES = {
    130472: "Meta tests fewer offers with this person: write without a marketing template.",
    131026: "They may have no WhatsApp, or an old one: reach them by phone or e-mail.",
    131031: "Meta locked the account: see Business settings.",
    131042: "Add or renew the payment method in Meta's Business settings.",
    131047: "More than 24 hours have passed: send a template.",
    131049: "Meta limits offers for this person: try again tomorrow.",
    131050: "They stopped offers from you: write only what they ask for.",
    131051: "WhatsApp takes no messages of this type: send another one.",
    131052: "Meta could not fetch the file: send it again.",
    131053: "Meta does not take the file: send it in another format, or smaller.",
    131056: "Too many messages to one person: wait a minute, and send again.",
    131057: "Meta maintains the number: try again in a few minutes.",
    132001: "Meta has no such template in this language: choose another one.",
    132015: "Meta paused the template: choose another one.",
    132016: "Meta disabled the template for good: choose another one.",
}


def reason_of(status: StatusReport) -> str | None:
    """Return why a message did not arrive, and what helps where that is known."""
    if status.error_text is None and status.error_code is None:
        return None
    remedy = REMEDIES.get(status.error_code or 0)
    reason = (status.error_text or f"error {status.error_code}").rstrip(".")
    return f"{reason}. {remedy}" if remedy else reason
