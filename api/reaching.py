"""Which handoffs a caller reaches: browsers their own, back-ends, agents and the operator those of their tenant."""

from api import acting
from api.access import own_subject
from api.state import AppState
from core.principal import Principal
from handoff import store
from handoff.errors import HandoffNotFoundError
from handoff.rows import HandoffRow


async def reached(state: AppState, by: Principal, handoff_id: str) -> HandoffRow:
    """Return a handoff within the caller's reach. Raises ``HandoffNotFoundError`` for every other."""
    row = await state.db.read(store.handoff, by.tenant, handoff_id)
    if row is None or (acting.is_browser(by) and own_subject(by).pseudonym != row.subject):
        raise HandoffNotFoundError
    return row


def is_staff(by: Principal) -> bool:
    """Tell whether a caller sees what is internal: agents and the operator, never a browser or a back-end."""
    return by.role.value in {"agent", "dpo", "auditor"}
