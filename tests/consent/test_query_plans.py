"""No question about one person, or about one key, walks a whole table."""

import pytest

from consent import store
from consent.purposes import store as purposes
from core import subjects
from core.database import Database, Sql

pytestmark = pytest.mark.anyio
OF_ONE_PERSON = {
    "present": next(store._OF_SEVERAL.of([b"a", b"b"]))[0],
    "keys": next(subjects._SEVERAL.of([b"a", b"b"]))[0],
    "gate": store._GATE_ONE,
    "as of": store._AT,
    "history": store._HISTORY,
    "receipts": store._RECEIPTS,
    "receipt": store._ONE_RECEIPT,
    "purpose": purposes._HEAD,
    "version": purposes._ONE_VERSION,
}


@pytest.fixture
def database_url(make_database_url: object) -> str:
    """Ask SQLite only: PostgreSQL's plans depend on its statistics."""
    return make_database_url("sqlite")  # type: ignore[operator,no-any-return]  # the fixture makes URLs


@pytest.mark.parametrize("name", OF_ONE_PERSON)
async def test_it_is_answered_by_a_persons_or_a_keys_own_index(db: Database, name: str) -> None:
    prepared = OF_ONE_PERSON[name].prepared("sqlite")
    plan = [row[3] for row in await db.fetch(Sql("EXPLAIN QUERY PLAN " + _filled(prepared.text)))]

    for step in plan:
        assert not step.startswith("SCAN "), plan
        if "choice_event" in step or step.startswith("SEARCH e "):
            assert "subject=?" in step or "rowid=?" in step, plan


def _filled(text: str) -> str:
    return text.replace("?", "1")
