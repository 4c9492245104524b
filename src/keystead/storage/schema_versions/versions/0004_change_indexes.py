"""change_indexes"""

from alembic import op

revision = "0004"
down_revision = "0003"

INDEXES = (
    ("org_id", "at", "id"),
    ("org_id", "action", "at", "id"),
    ("org_id", "actor_kind", "actor_id", "at", "id"),
    ("org_id", "target_kind", "target_id", "at", "id"),
    ("at", "id"),
)


def upgrade() -> None:
    for columns in INDEXES:
        op.create_index(op.f(f"ix_change_{'_'.join(columns)}"), "change", list(columns), unique=False)


def downgrade() -> None:
    for columns in reversed(INDEXES):
        op.drop_index(op.f(f"ix_change_{'_'.join(columns)}"), table_name="change")
