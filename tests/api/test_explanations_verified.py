"""Tampering with decisions, explanations, endpoints and reference groups is found, and the bad row named."""

from collections.abc import Sequence

import pytest

from core.database import Reader, Sql, Tx
from core.errors import ConflictError
from core.principal import Principal, Role
from explanations.verify import ExplanationCheck
from ledger import service as ledger
from ledger.audit import Finding
from ledger.verify import verify
from oversight import erasure
from tests.api.lending import lending
from tests.api.shop import Shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def lender(shop: Shop) -> Shop:
    """A shop with an explained decision, a superseded explanation and a changed endpoint."""
    async with lending(shop) as made:
        decided = await made.decide()
        await made.explain(decided)
        await made.explain(decided, again=True)
    await shop.seal()
    return shop


async def judged(shop: Shop, tx: Reader) -> Sequence[Finding]:
    state = shop.whole.app.state
    origin = state.settings.ledger.origin
    known = ledger.verifiers(state.keyring, origin)
    return (await verify(tx, origin, known, checks=[ExplanationCheck(state.keyring)])).findings


async def findings(shop: Shop) -> Sequence[Finding]:
    return await shop.whole.app.state.db.read(lambda tx: judged(shop, tx))


async def test_honest_records_verify(lender: Shop) -> None:
    assert await findings(lender) == []


TAMPERINGS = [
    ("UPDATE decision SET outcome = 'approved'", "decision"),
    ("UPDATE decision SET model_version = '2'", "decision"),
    ("UPDATE decision SET sealed = (SELECT max(sealed) FROM explanation)", "decision"),
    ("DELETE FROM decision", "decision"),
    ("UPDATE explanation SET grade = 'A', flags = '[]'", "explanation"),
    ("UPDATE explanation SET sealed = (SELECT max(sealed) FROM explanation)", "explanation"),
    ("DELETE FROM explanation WHERE supersedes IS NULL", "explanation"),
    ("UPDATE model_endpoint SET document = replace(document, '127.0.0.1', '127.0.0.2')", "model_endpoint"),
    ("UPDATE model_endpoint SET retired = (1 = 1)", "model_endpoint"),
    ("UPDATE model_endpoint SET name = 'other'", "model_endpoint"),
    ("DELETE FROM model_endpoint", "model_endpoint"),
    ("UPDATE reference_group SET document = replace(document, 'all applicants', 'the approved')", "reference_group"),
    ("UPDATE reference_group SET version = 2", "reference_group"),
]


class UndoneError(ConflictError):
    """Takes a tampering back."""


async def test_every_tampering_is_found(lender: Shop) -> None:
    for statement, table in TAMPERINGS:
        found: list[Finding] = []

        async def tamper(tx: Tx, statement: str = statement, found: list[Finding] = found) -> None:
            assert await tx.execute(Sql(statement)) > 0
            found += await judged(lender, tx)
            raise UndoneError

        with pytest.raises(UndoneError):
            await lender.whole.app.state.db.transact(tamper)
        assert table in {finding.table for finding in found}, statement
    assert await findings(lender) == []


async def test_after_an_erasure_what_is_left_still_verifies(lender: Shop) -> None:
    state = lender.whole.app.state
    dpos = [Principal("default", name, Role.DPO) for name in ("dpo-1", "dpo-2")]
    [(subject,)] = await state.db.read(lambda tx: tx.rows(Sql("SELECT subject FROM decision")))
    now = state.clock.now()
    await state.db.transact(erasure.request, state.keyring, dpos[0], bytes(subject), "request-of-the-person", now)
    await state.db.transact(erasure.approve, state.keyring, dpos[1], bytes(subject), now)

    assert await findings(lender) == []
