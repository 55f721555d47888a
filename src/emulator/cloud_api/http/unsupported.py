"""Parts of Meta's API that are not emulated: they say so, as an error of the Graph API."""

import re

from emulator.cloud_api.http.graph_request import GraphRequest
from emulator.cloud_api.rules.errors import GraphError

#: What may follow the name of a field: `analytics.start(1)`, `flows{id}`.
FIELD_NAME = re.compile(r"[^a-z_]")
#: Edges and fields, and addresses without an object, of the Cloud API and its management.
NOT_EMULATED = frozenset(
    {
        *("analytics", "assets", "assigned_users", "compare", "conversation_analytics", "flows"),
        *("groups", "message_template_library", "migrate", "migrate_message_templates"),
        *("owned_whatsapp_business_accounts", "payment_configurations", "pricing_analytics"),
        *("schedules", "template_analytics", "template_groups", "unpause"),
        *("username_suggestions", "whatsapp_business_encryption"),
        *("whatsapp_commerce_settings", "official_business_account"),
    }
)


def require_emulated(asked: GraphRequest) -> None:
    """Raise GraphError for what Meta has and the emulator has not."""
    fields = [FIELD_NAME.split(one, 1)[0] for one in asked.texts("fields")]
    for name in (*asked.path[:2], *fields):
        if name in NOT_EMULATED:
            raise GraphError(
                100,
                f"The emulator does not have {name}: see docs/emulator.md.",
                f"Not emulated: {name}",
            )
