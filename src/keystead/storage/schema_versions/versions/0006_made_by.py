"""made_by"""

from alembic import op

revision = "0006"
down_revision = "0005"

NAME = "ix_credential_org_id_created_by_credential_id"


def upgrade() -> None:
    op.create_index(op.f(NAME), "credential", ["org_id", "created_by_credential_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f(NAME), table_name="credential")
