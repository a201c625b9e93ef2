"""Adapters against the real server packages: each installed apart, serving the example's model, and explained.

The truth is the same model in this process: predictions and attributions have to be equal, not similar.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.http import HttpClient
from examples.credit.trees import Trees
from explanations import registry
from explanations.asking import Asker
from explanations.blackbox import Cells, Plan, players_of, shapley
from explanations.cases import Case, Group, Policy
from explanations.engine import Engine
from explanations.errors import ModelRejectedError, ModelUnavailableError
from explanations.port import Endpoint
from explanations.recourse import Actionable
from tests.explanations import model_servers
from tests.explanations.credit import applicants

pytestmark = pytest.mark.anyio
MODEL = Trees()
ROWS = applicants(MODEL.features)
REFERENCE = ROWS[:100]
DECLINED = next(row for row in ROWS[200:] if MODEL.p_bad(list(row.values())) > 0.5)
# 226 MB: the Open Inference Protocol has recorded exchanges too
LIGHT = [pytest.param(name, marks=pytest.mark.full if name == "MLServer" else ()) for name in model_servers.SERVERS]


@pytest.fixture(params=LIGHT)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Endpoint]:
    """The endpoint of a running real server."""
    with model_servers.serving(request.param, tmp_path) as url:
        yield model_servers.endpoint(request.param, url, MODEL.features)


async def local(rows: object) -> list[float]:
    """Answer as the served model does."""
    return MODEL.predict(rows)  # type: ignore[arg-type]  # rows of values


async def test_a_real_server_is_asked_and_its_decision_explained(served: Endpoint) -> None:
    client = HttpClient([served.url.removeprefix("http://")])
    asker, adapter = Asker(client), registry.adapter(served)
    try:
        predicted = await asker.conversation(served, adapter, 60).predict(ROWS)
        assert predicted == pytest.approx(MODEL.predict([list(row.values()) for row in ROWS]), abs=1e-12)

        truth = MODEL.p_bad(list(DECLINED.values()))
        case = Case(
            "dec_" + "1" * 32, "sub_" + "1" * 32, "credit", MODEL.version, DECLINED, truth, "declined", True, 0.4
        )
        group = Group("all_applicants", "applicants@1", REFERENCE)
        policy = Policy(seconds=60, actionable=(Actionable("duration_in_month", "down"),))
        made = (await Engine(asker, FixedClock(1)).explain(case, served, adapter, group, policy)).explanation

        with pytest.raises((ModelRejectedError, ModelUnavailableError)):
            await asker.conversation(served, adapter, 60).predict([{**DECLINED, "duration_in_month": "long"}])
    finally:
        await client.close()

    assert (made.method.origin, made.quality.replay_match) == ("blackbox", True)
    seed = made.method.params["seed"]
    assert isinstance(seed, int)
    reference: list[Cells] = [tuple(row.values()) for row in REFERENCE]
    expected = await shapley(tuple(DECLINED.values()), reference, players_of(MODEL.features), local, Plan(seed))
    assert {one.feature: one.value for one in made.attributions} == pytest.approx(expected.values, abs=1e-9)
    for one in made.counterfactuals:
        changed = {**DECLINED, **{change.feature: change.to for change in one.changes}}
        assert MODEL.p_bad(list(changed.values())) == pytest.approx(one.output_value)
        assert one.output_value is not None
        assert one.output_value < 0.4
