"""service_accounts

Columns are added in place: SQLite would carry a table with a new constraint over to a copy, and dropping
the old one deletes whatever refers to it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "account",
        sa.Column(
            "home_org_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("org.id", name=op.f("fk_account_home_org_id"), ondelete="CASCADE"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("account", sa.Column("description", sa.String(), nullable=True))
    op.create_index(op.f("ix_account_home_org_id_login"), "account", ["home_org_id", "login"], unique=True)
    op.create_index(op.f("ix_account_kind_login"), "account", ["kind", "login"], unique=False)
    op.add_column("credential", sa.Column("lifetime_s", sa.Integer(), nullable=True))
    op.add_column(
        "credential",
        sa.Column(
            "replaced_by_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("credential.id", name=op.f("fk_credential_replaced_by_id"), ondelete="SET NULL"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("credential", sa.Column("grace_until", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_credential_replaced_by_id"), "credential", ["replaced_by_id"], unique=False)
    op.create_table(
        "credential_use",
        sa.Column("credential_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("denied", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credential.id"],
            name=op.f("fk_credential_use_credential_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("credential_id", "hour", name=op.f("pk_credential_use")),
    )


def downgrade() -> None:
    op.drop_table("credential_use")
    op.drop_index(op.f("ix_credential_replaced_by_id"), table_name="credential")
    op.drop_column("credential", "grace_until")
    op.drop_column("credential", "replaced_by_id")
    op.drop_column("credential", "lifetime_s")
    op.drop_index(op.f("ix_account_kind_login"), table_name="account")
    op.drop_index(op.f("ix_account_home_org_id_login"), table_name="account")
    op.drop_column("account", "description")
    op.drop_column("account", "home_org_id")
