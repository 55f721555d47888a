"""Webhooks of Meta's other fields, about the account, its templates and its calls.

Source of the shapes: developers.facebook.com/docs/graph-api/webhooks/reference
"""

from collections.abc import Callable, Mapping

from emulator.cloud_api.rules.errors import in_webhook
from emulator.cloud_api.state.people import Person
from emulator.cloud_api.state.planned_statuses import contact_of
from emulator.json import JsonObject

_TEMPLATE: JsonObject = {
    "message_template_id": 900000000000001,
    "message_template_name": "order",
    "message_template_language": "en",
}

#: Values by field.
VALUES: Mapping[str, JsonObject] = {
    "account_alerts": {
        "entity_type": "BUSINESS",
        "entity_id": "200000000000001",
        "alert_severity": "INFORMATIONAL",
        "alert_status": "NONE",
        "alert_type": "OBA_APPROVED",
        "alert_description": "An example.",
    },
    "account_review_update": {"decision": "APPROVED"},
    "account_update": {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}],
    },
    "business_capability_update": {"max_daily_conversations_per_business": "TIER_2K"},
    "message_template_components_update": {**_TEMPLATE, "message_template_element": "Hi {{1}}"},
    "message_template_quality_update": {
        **_TEMPLATE,
        "previous_quality_score": "GREEN",
        "new_quality_score": "YELLOW",
    },
    "message_template_status_update": {**_TEMPLATE, "event": "PAUSED", "reason": "NONE"},
    "phone_number_name_update": {
        "display_phone_number": "15550000001",
        "decision": "APPROVED",
        "requested_verified_name": "Emulated business",
        "rejection_reason": None,
    },
    "phone_number_quality_update": {
        "display_phone_number": "15550000001",
        "event": "THROUGHPUT_UPGRADE",
        "max_daily_conversations_per_business": "TIER_UNLIMITED",
    },
    "security": {"display_phone_number": "15550000001", "event": "PIN_CHANGED"},
    "template_category_update": {
        **_TEMPLATE,
        "previous_category": "UTILITY",
        "new_category": "MARKETING",
    },
}

#: Fields by which Meta changes a template of itself, and what it can become.
TEMPLATE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "message_template_status_update": ("APPROVED", "PAUSED", "DISABLED"),
    "message_template_quality_update": ("GREEN", "YELLOW", "RED", "UNKNOWN"),
    "template_category_update": ("MARKETING", "UTILITY", "AUTHENTICATION"),
}


def _preference(value: str) -> Callable[[Person, str], JsonObject]:
    def make(person: Person, timestamp: str) -> JsonObject:
        person.wants_offers = value != "stop"
        contact = contact_of(person)
        preference = {
            "user_id": person.user_id,
            "detail": f"User requested to {value} marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": int(timestamp),
        }
        if not person.hides_phone:
            preference["wa_id"] = person.wa_id
        return {"contacts": [contact], "user_preferences": [preference]}

    return make


#: (field, event) -> maker of the value from a person and a time.
ABOUT_PEOPLE: Mapping[tuple[str, str], Callable[[Person, str], JsonObject]] = {
    ("user_preferences", "stop"): _preference("stop"),
    ("user_preferences", "resume"): _preference("resume"),
    ("messages", "errors"): lambda _person, _time: {"errors": [in_webhook(131000)]},
    ("messages", "lost"): lambda _person, _time: {"errors": [in_webhook(131035)]},
}
