"""The inbox: words of messages on PostgreSQL, tags, mentions, who looks at what."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0030"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _index_words()
    op.create_table(
        "inbox_tag",
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", "tag", name="pk_inbox_tag"),
    )
    op.create_index("ix_inbox_tag_tag", "inbox_tag", ["tag"])
    op.create_table(
        "inbox_mention",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_mention"),
    )
    op.create_index("ix_inbox_mention_user_key", "inbox_mention", ["user_key"])
    op.create_index("ix_inbox_mention_at", "inbox_mention", ["at"])
    is_new = sa.text("seen_at IS NULL")
    op.create_index(
        "ix_inbox_mention_new",
        "inbox_mention",
        ["operator_id"],
        postgresql_where=is_new,
        sqlite_where=is_new,
    )
    op.create_table(
        "inbox_presence",
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("typed_at", sa.Double()),
        sa.PrimaryKeyConstraint("operator_id", name="pk_inbox_presence"),
    )
    op.create_index("ix_inbox_presence_user_key", "inbox_presence", ["user_key"])


def _index_words() -> None:
    """Index the words of messages without accents, and of none that the bot says to everybody."""
    found = ((chr(code), unicodedata.normalize("NFKD", chr(code))[0]) for code in range(192, 384))
    pairs = [(letter, plain.lower()) for letter, plain in found if plain.isascii()]
    given = "".join(letter for letter, _ in pairs) + "-/._@+"
    plain = "".join(plain for _, plain in pairs) + " " * 6
    op.execute(
        "CREATE INDEX ix_inbox_message_words ON inbox_message "
        f"USING gin (to_tsvector('simple', translate(text, '{given}', '{plain}'))) "
        "WHERE text IS NOT NULL AND (direction <> 'out' OR author IS NOT NULL "
        "OR kind = 'template')"
    )


def downgrade() -> None:
    for name in ("presence", "mention", "tag"):
        op.drop_table(f"inbox_{name}")
    op.execute("DROP INDEX IF EXISTS ix_inbox_message_words")
