"""The ledger under the names of a notification service: `whatsapp_messages`, `whatsapp_templates`.

They are views: what they show is kept once, in `delivery`, `notification` and `template`. A later
migration that takes columns from these tables drops the views first, and makes them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = "whatsapp001"

#: Parts of the views that the databases write in different ways.
_POSTGRESQL = {
    "latest": "greatest",
    "time": "to_timestamp({})",
    "json": "CAST({} AS json)",
    "parameters": "CAST(n.content AS json) -> 'template' -> 'parameters'",
    "reason": "CAST(n.problems AS json) -> 0 ->> 'message'",
    "object": "json_build_object",
    "body": """(SELECT part ->> 'text' FROM json_array_elements(CAST(t.components AS json)) AS part
        WHERE part ->> 'type' = 'BODY' LIMIT 1)""",
    "variables": r"""(SELECT count(DISTINCT found[1]) FROM
        regexp_matches(b.body_text, '\{\{\s*(\w+)\s*\}\}', 'g') AS found)""",
    "true": "true",
    "false": "false",
}
_SQLITE = {
    "latest": "max",
    "time": "strftime('%Y-%m-%d %H:%M:%f', {}, 'unixepoch')",
    "json": "json({})",
    "parameters": "json_extract(n.content, '$.template.parameters')",
    "reason": "json_extract(n.problems, '$[0].message')",
    "object": "json_object",
    "body": """(SELECT json_extract(part.value, '$.text') FROM json_each(t.components) AS part
        WHERE json_extract(part.value, '$.type') = 'BODY' LIMIT 1)""",
    "variables": """(WITH RECURSIVE found(rest, name) AS (
            SELECT b.body_text, NULL
            UNION ALL
            SELECT substr(rest, instr(rest, '{{') + 2),
                trim(substr(substr(rest, instr(rest, '{{') + 2), 1,
                    instr(substr(rest, instr(rest, '{{') + 2), '}}') - 1))
            FROM found WHERE instr(rest, '{{') > 0
        ) SELECT count(DISTINCT name) FROM found WHERE name != '')""",
    "true": "1",
    "false": "0",
}

#: Messages that were put into the outbox or sent at once, of whatever kind.
_SENT = """
SELECT
    d.id AS id,
    coalesce(n.tenant, 'default') AS tenant_id,
    coalesce(n.reference, n.batch) AS notification_id,
    d.wamid AS whatsapp_message_id,
    CASE
        WHEN n.id IS NULL THEN '+' || u.wa_id
        WHEN n.recipient GLOB_DIGITS THEN '+' || n.recipient
    END AS recipient_phone,
    upper(d.kind) AS message_type,
    CASE
        WHEN n.stage IN ('cancelled', 'expired', 'refused') AND d.wamid IS NULL THEN 'FAILED'
        WHEN d.status IN ('accepted', 'sent') THEN 'SENT'
        WHEN d.status IN ('read', 'played') THEN 'READ'
        ELSE upper(d.status)
    END AS status,
    n.template AS template_name,
    {parameters} AS template_parameters,
    {sent_at} AS sent_at,
    {delivered_at} AS delivered_at,
    {read_at} AS read_at,
    CASE WHEN n.stage IN ('cancelled', 'expired') AND d.wamid IS NULL THEN n.stage
        ELSE coalesce(d.error_text, {reason}) END AS error_message,
    CASE WHEN d.wamid IS NOT NULL OR d.error_code IS NOT NULL THEN
        {object}('message_id', d.wamid, 'error_code', d.error_code,
            'category', d.category, 'pricing', d.pricing)
    END AS provider_response,
    {caller_data} AS metadata,
    {created_at} AS created_at,
    {updated_at} AS updated_at,
    d.error_code AS error_code,
    d.category AS pricing_category,
    CASE WHEN d.pricing = 'regular' THEN {true} WHEN d.pricing IS NOT NULL THEN {false} END
        AS billable
FROM delivery AS d
LEFT JOIN notification AS n ON n.id = d.id
LEFT JOIN users AS u ON u.key = d.user_key
"""

#: Notifications that wait for their time, or were never sent.
_UNSENT = """
SELECT
    n.id, n.tenant, coalesce(n.reference, n.batch), NULL,
    CASE WHEN n.recipient GLOB_DIGITS THEN '+' || n.recipient END,
    CASE WHEN n.template IS NULL THEN 'TEXT' ELSE 'TEMPLATE' END,
    CASE WHEN n.stage IN ('cancelled', 'expired', 'refused') THEN 'FAILED' ELSE 'PENDING' END,
    n.template, {parameters}, NULL, NULL, NULL,
    CASE WHEN n.stage IN ('cancelled', 'expired') THEN n.stage ELSE {reason} END,
    NULL, {caller_data}, {n_created_at}, {n_updated_at}, NULL, NULL, NULL
FROM notification AS n
WHERE NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.id = n.id)
"""

_TEMPLATES = """
SELECT
    t.key AS id,
    t.name AS template_name,
    t.name || ':' || t.language AS template_key,
    t.category AS category,
    t.language AS language,
    t.status AS status,
    b.body_text AS body_text,
    {variables} AS parameter_count,
    (SELECT count(*) FROM notification AS n JOIN delivery AS d ON d.id = n.id
        WHERE n.template = t.name AND n.language = t.language AND d.wamid IS NOT NULL)
        AS sent_count,
    CASE WHEN t.status = 'APPROVED' THEN {true} ELSE {false} END AS is_active,
    t.account_id AS account_id,
    t.quality AS quality,
    {t_updated_at} AS updated_at
FROM template AS t
JOIN (SELECT t.key AS key, {body} AS body_text FROM template AS t) AS b ON b.key = t.key
"""


def upgrade() -> None:
    parts = _parts(_POSTGRESQL if _is_postgresql() else _SQLITE)
    messages = f"{_filled(_SENT, parts)} UNION ALL {_filled(_UNSENT, parts)}"
    _create("whatsapp_messages", messages)
    _create("whatsapp_templates", _filled(_TEMPLATES, parts))


def downgrade() -> None:
    op.execute("DROP VIEW whatsapp_templates")
    op.execute("DROP VIEW whatsapp_messages")


def _create(name: str, query: str) -> None:
    """Create a view. A colon in the query is no parameter."""
    op.execute(sa.text(f"CREATE VIEW {name} AS {query}".replace(":", r"\:")))


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _filled(query: str, parts: dict[str, str]) -> str:
    is_digits = "~ '^[0-9]+$'" if _is_postgresql() else "GLOB '[0-9]*'"
    for name, part in parts.items():
        query = query.replace(f"{{{name}}}", part)
    return query.replace("GLOB_DIGITS", is_digits)


def _parts(words: dict[str, str]) -> dict[str, str]:
    """Return what fills the queries."""

    def time(column: str) -> str:
        return words["time"].replace("{}", column)

    later = ("accepted_at", "sent_at", "delivered_at", "read_at", "failed_at")
    changed = ", ".join(f"coalesce(d.{name}, d.created_at)" for name in later)
    return {
        **words,
        "sent_at": time("coalesce(d.sent_at, d.accepted_at)"),
        "delivered_at": time("d.delivered_at"),
        "read_at": time("d.read_at"),
        "caller_data": words["json"].replace("{}", "n.caller_data"),
        "created_at": time("d.created_at"),
        "updated_at": time(f"{words['latest']}({changed})"),
        "n_created_at": time("n.created_at"),
        "n_updated_at": time("coalesce(n.left_at, n.created_at)"),
        "t_updated_at": time("t.updated_at"),
    }
