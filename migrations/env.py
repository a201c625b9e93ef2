"""Alembic's entry: runs on the connection that ``migrations.run`` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from migrations.tables import metadata


def _render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write SQLModel's text type as plain text, so that steps do not import SQLModel."""
    return "sa.Text()" if kind == "type" and isinstance(item, AutoString) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
