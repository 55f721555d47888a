"""What to do about an error of Meta when templates are managed, by its code or subcode."""

from services.clients.cloud_api.errors import Throttled, Unavailable, WhatsAppError

_TOKEN = "Give the token the permission whatsapp_business_management for this account (WP_BID)."
_EXISTS = "Edit that one, or take another name."
_FORMAT = "Compare the texts, variables and examples with docs/templates.md."
REMEDIES = {
    10: _TOKEN,
    200: _TOKEN,
    190: "Renew WP_ACCESS_TOKEN.",
    80008: "Meta takes 100 new templates an hour: try again later.",
    2388019: "The account has as many templates as it may: delete some, or verify the business.",
    2388023: "A name that was deleted in this language is free again after 4 weeks: take another.",
    2388024: _EXISTS,
    2388025: "The template is being deleted: take another name, or try again later.",
    2388039: "Meta takes 10 edits in 30 days, and 1 in 24 hours: try again later.",
    2388040: "A text is too long: shorten it.",
    2388043: "A part lacks something, such as the example of a variable, a link or a file.",
    2388047: "The header has a format that Meta does not take: no emoji, marks or line breaks.",
    2388072: "The body has a format that Meta does not take: at most 4 line breaks in a row.",
    2388073: "The footer has a format that Meta does not take: no variables and marks.",
    2388293: "There are too many variables for so few words: write more words, or fewer variables.",
    2388299: "A text begins or ends with a variable: put words around it.",
    2593079: "Meta is moving the account: try again later.",
}


def explain(error: WhatsAppError) -> str:
    """Return an error of Meta, and what to do about it."""
    codes = (error.subcode, error.code)
    found = next((REMEDIES[code] for code in codes if code in REMEDIES), None)
    if found is None and isinstance(error, Throttled | Unavailable):
        found = "Try again in a minute."
    return f"Meta: {error}\n{found or _FORMAT}"
