"""What to do about messages that Meta did not deliver, by its error code.

Source: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from features.notifications.problems import Code, Problem
from services.clients.cloud_api.errors import ADVICE

REMEDIES = {
    130472: "Meta holds marketing back from this person for an experiment: use another way.",
    130497: "Meta does not let this business write to people of that country.",
    131021: "The recipient is the number of the bot: give another one.",
    131026: "The number has no WhatsApp, or has not accepted its terms: ask for another number.",
    131031: "The account is locked: read why in WhatsApp Manager.",
    131048: "People reported too many messages: send less, and better ones, for some days.",
    131049: "Meta keeps the person from too much marketing: retry after a day, not before.",
    131050: "The person stopped marketing of this business: send none.",
    131051: "Meta does not know this type of message.",
    131052: "Meta could not get the file of the person.",
    131053: "Meta could not get or read the file: check its link, its type and its size.",
    131056: "Too many messages went to this person in a short time: retry in a minute.",
    131062: "Codes for signing in need the phone number: give `to` instead of `user_id`.",
    132000: "The number of values differs from the template: read it with `templates list`.",
    132001: "The template does not exist in this language, or is not approved yet.",
    132005: "The filled-in text is too long: shorten the values.",
    132007: "The words break Meta's policy: change the template.",
    132012: "A value has another form than the template asks for.",
    132015: "The template is paused for its low quality: change it, or wait for the end.",
    132016: "The template is disabled for good: create another one.",
    132018: "A value has line breaks, tabs or too many spaces: take them out.",
    132068: "The Flow of the template is blocked: repair it in WhatsApp Manager.",
    132069: "The Flow of the template is throttled: retry in an hour.",
    135000: "Meta gives no reason: retry once, and then check the values of the template.",
}
UNKNOWN = "Look up the code in Meta's list of error codes, and retry if it is temporary."


def failure(code: int | None, text: str | None) -> Problem:
    """Return why a message failed, and the next step."""
    if code is None:
        return Problem(code=Code.NOT_SENT, message=text or "The bot gave up.", fix="Retry it.")
    fix = REMEDIES.get(code) or ADVICE.get(code)
    return Problem(
        code=Code.REFUSED_BY_META,
        message=text or "Meta refused the message.",
        fix=f"{fix[0].upper()}{fix[1:]}".rstrip(".") + "." if fix else UNKNOWN,
        meta_code=code,
    )
