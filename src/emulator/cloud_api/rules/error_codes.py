"""Meta's error codes: HTTP status, text, and what to do about each.

Sources: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes and, for 138xxx,
the troubleshooting page of the Calling API. The statuses are those of the page of December 2025;
later ones print none.
"""

from typing import NamedTuple


class ErrorCode(NamedTuple):
    """What stands behind the number of an error."""

    http: int
    text: str
    remedy: str


_RENEW = "Renew WP_ACCESS_TOKEN."
_WAIT = "Wait and try again: this is Meta's own trouble."
_SLOWER = "Send more slowly; try again in a second."
_CORRECT = "Correct the value that the details name."
_ADMIN = "Look into the WhatsApp Manager: the account or the number needs attention."
_LEAVE = "Do not try again: this person cannot or does not want to get it."
_TEMPLATE = "Correct the template in the WhatsApp Manager, or send another one."
_PERMISSION = "Ask the person for permission to call first."

CODES: dict[int, ErrorCode] = {
    0: ErrorCode(401, "AuthException", _RENEW),
    1: ErrorCode(400, "API Unknown", "Correct the request; if it is right, try again once."),
    2: ErrorCode(503, "API Service", _WAIT),
    3: ErrorCode(500, "API Method", "Give the app the permission that this call needs."),
    4: ErrorCode(429, "Application request limit reached", "Wait: the app makes too many calls."),
    10: ErrorCode(403, "Permission Denied", "Give the app the permission that this call needs."),
    33: ErrorCode(400, "Parameter value is not valid", "Use an id that Meta gave you."),
    100: ErrorCode(400, "Invalid parameter", "Correct the request: the details name the field."),
    190: ErrorCode(401, "Invalid OAuth access token - Cannot parse access token", _RENEW),
    200: ErrorCode(403, "API Permission", "Give the app the permission that this call needs."),
    368: ErrorCode(403, "Temporarily blocked for policies violations", _ADMIN),
    613: ErrorCode(429, "Calls to this api have exceeded the rate limit", _SLOWER),
    80007: ErrorCode(429, "Rate limit issues", "Wait: the business account makes too many calls."),
    130403: ErrorCode(400, "Business has blocked the user", "Unblock the person first."),
    130429: ErrorCode(429, "Rate limit hit", _SLOWER),
    130472: ErrorCode(400, "User's number is part of an experiment", _LEAVE),
    130497: ErrorCode(403, "Business account is restricted in this country", _LEAVE),
    131000: ErrorCode(500, "Something went wrong", _WAIT),
    131005: ErrorCode(403, "Access denied", "Give the app the permission that this call needs."),
    131008: ErrorCode(400, "Required parameter is missing", "Add the field that the details name."),
    131009: ErrorCode(400, "Parameter value is not valid", _CORRECT),
    131016: ErrorCode(500, "Service unavailable", _WAIT),
    131021: ErrorCode(
        400, "Recipient cannot be sender", "Send to another number than the bot's own."
    ),
    131026: ErrorCode(400, "Message undeliverable", "Check that the number is on WhatsApp."),
    131030: ErrorCode(
        400,
        "Recipient phone number not in allowed list",
        "Add the number to the recipients of the test number, or use a number of your own.",
    ),
    131031: ErrorCode(403, "Account has been locked", _ADMIN),
    131035: ErrorCode(
        400, "A webhook could not be delivered in time", "Keep the bot reachable; it was lost."
    ),
    131037: ErrorCode(400, "The display name of the 555 number needs approval", _ADMIN),
    131042: ErrorCode(400, "Business eligibility payment issue", "Add a payment method."),
    131045: ErrorCode(500, "Incorrect certificate", "Register the number again."),
    131047: ErrorCode(
        400, "Re-engagement message", "Send a template, or wait until the person writes again."
    ),
    131048: ErrorCode(400, "Spam rate limit hit", _ADMIN),
    131049: ErrorCode(
        400,
        "This message was not delivered to maintain healthy ecosystem engagement",
        "Wait a day or more before the next marketing message to this person.",
    ),
    131050: ErrorCode(400, "User has stopped receiving marketing messages", _LEAVE),
    131051: ErrorCode(
        400, "Unsupported message type", "Send a type of message that the Cloud API has."
    ),
    131052: ErrorCode(400, "Media download error", "Ask the person to send the file again."),
    131053: ErrorCode(
        400, "Media upload error", "Send a smaller file, or one of a type that Meta takes."
    ),
    131055: ErrorCode(400, "Method not allowed", "Use the endpoint that is meant for this."),
    131056: ErrorCode(
        400,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Wait: one message in 6 seconds to one person, after a burst of 45.",
    ),
    131057: ErrorCode(500, "Account in maintenance mode", _WAIT),
    131058: ErrorCode(
        400,
        "Hello World templates can only be sent from the Public Test Numbers",
        "Send a template of your own.",
    ),
    131062: ErrorCode(
        400, "BSUID recipients are not supported for this message", "Send it to the phone number."
    ),
    131063: ErrorCode(
        400, "Marketing templates are disabled here", "Send them to /marketing_messages."
    ),
    132000: ErrorCode(
        400,
        "Number of parameters does not match the expected number of params",
        "Give each variable of the template a parameter.",
    ),
    132001: ErrorCode(
        404,
        "Template name does not exist in the translation",
        "Use a name and language of an approved template.",
    ),
    132005: ErrorCode(400, "Translated text too long", "Give shorter parameters."),
    132007: ErrorCode(400, "Template format character policy violated", _TEMPLATE),
    132008: ErrorCode(400, "Template parameter value is not valid", _CORRECT),
    132012: ErrorCode(
        400, "Parameter format does not match format in the created template", _CORRECT
    ),
    132015: ErrorCode(400, "Template is paused", _TEMPLATE),
    132016: ErrorCode(400, "Template is disabled", _TEMPLATE),
    132018: ErrorCode(400, "Template parameters are not valid", _CORRECT),
    132068: ErrorCode(400, "Flow is blocked", "Correct the flow."),
    132069: ErrorCode(400, "Flow is throttled", _SLOWER),
    133000: ErrorCode(500, "Incomplete deregistration", "Deregister again, then register."),
    133004: ErrorCode(503, "Server temporarily unavailable", _WAIT),
    133005: ErrorCode(400, "Two-step verification PIN mismatch", "Use the PIN that was set."),
    133006: ErrorCode(400, "Phone number re-verification needed", "Request a code and verify it."),
    133008: ErrorCode(400, "Too many two-step verification PIN guesses", "Wait, then try again."),
    133009: ErrorCode(400, "Two-step verification PIN guessed too fast", "Wait, then try again."),
    133010: ErrorCode(400, "Account not registered", "POST /{phone number id}/register first."),
    133015: ErrorCode(400, "The number was deleted a moment ago", "Wait five minutes."),
    133016: ErrorCode(400, "Too many (de)registrations", "Wait: ten in 72 hours are allowed."),
    134011: ErrorCode(400, "Payment terms are not accepted", _ADMIN),
    135000: ErrorCode(400, "Generic user error", _CORRECT),
    137000: ErrorCode(
        400,
        "Recipient identity has changed",
        "Take the new hash from the person's next message, or send without one.",
    ),
    138000: ErrorCode(401, "Calling is not enabled on this number", "Switch it on in /settings."),
    138001: ErrorCode(400, "The receiver cannot be called", _LEAVE),
    138002: ErrorCode(429, "Too many calls at once", "Wait until others end: 1,000 are allowed."),
    138003: ErrorCode(400, "There is such a call already", "Wait until it ends."),
    138004: ErrorCode(500, "The call could not be connected", _WAIT),
    138005: ErrorCode(429, "Calls are made too fast", _SLOWER),
    138006: ErrorCode(401, "No permission to call this person", _PERMISSION),
    138007: ErrorCode(500, "No answer to the offer in time", "Answer within 30 seconds."),
    138009: ErrorCode(400, "Too many requests for permission", "Wait: one a day is allowed."),
    138012: ErrorCode(400, "Too many calls to this person", "Wait a day."),
    138013: ErrorCode(400, "Business-initiated calling is not available", _ADMIN),
    138014: ErrorCode(400, "Calling is switched off for its quality", _ADMIN),
    138017: ErrorCode(400, "There is a permanent permission already", "Call."),
    139000: ErrorCode(400, "The flow cannot be sent", "Correct the flow."),
    139100: ErrorCode(400, "Failed to block/unblock users", "See which ones, and why."),
    147001: ErrorCode(400, "The username is not available", "Choose another one."),
    2200: ErrorCode(
        400, "Callback verification failed", "Let the callback URL echo the challenge, then repeat."
    ),
    2500: ErrorCode(400, "Unknown path components", "Correct the address of the request."),
}
