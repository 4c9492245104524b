"""migration"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ADDED = (("org", "keys_migrated_at"), ("org", "keys_hidden_at"), ("credential", "migrated_at"))


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
    op.add_column("account", sa.Column("from_key", sa.String(), nullable=True))
    op.create_table(
        "migration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("org_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column(
            "reached", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("lease", sa.String(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("started_by_kind", sa.String(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_by_login", sa.String(), nullable=False),
        sa.Column("started_by_credential_id", sa.Integer(), nullable=True),
        sa.Column("started_by_role", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["org.id"], name=op.f("fk_migration_org_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_migration_org_id_id"), "migration", ["org_id", "id"], unique=False)
    op.create_index(
        op.f("ix_migration_state_lease_until"), "migration", ["state", "lease_until"], unique=False
    )
    op.create_table(
        "migration_key",
        sa.Column("migration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "credential_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("org_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_name", sa.String(), nullable=True),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["migration_id"],
            ["migration.id"],
            name=op.f("fk_migration_key_migration_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["org.id"], name=op.f("fk_migration_key_org_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("migration_id", "credential_id", name=op.f("pk_migration_key")),
    )
    op.create_index(
        op.f("ix_migration_key_migration_id_name"), "migration_key", ["migration_id", "name"], unique=False
    )
    op.create_index(op.f("ix_migration_key_org_id"), "migration_key", ["org_id"], unique=False)
    op.create_table(
        "old_api_caller",
        sa.Column("org_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "caller_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("last_from", sa.String(), nullable=False),
        sa.Column("last_agent", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["org.id"], name=op.f("fk_old_api_caller_org_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "org_id", "kind", "caller_id", "method", "route", "day", name=op.f("pk_old_api_caller")
        ),
    )
    op.create_index(op.f("ix_old_api_caller_day"), "old_api_caller", ["day"], unique=False)


def downgrade() -> None:
    for table in ("old_api_caller", "migration_key", "migration"):
        op.drop_table(table)
    op.drop_column("account", "from_key")
    for table, column in reversed(ADDED):
        op.drop_column(table, column)
