"""Experiments in the consoles: a text set aside, tried against the one in force, approved by somebody else, stopped."""

import re

import pytest

from core.clock import DAY, rfc3339
from core.principal import Role
from tests.api.pages_company import Town
from tests.console.house import press, sign_in
from tests.console.test_disclosures import CHAT, plain

pytestmark = pytest.mark.anyio
HERE = "/console/experiments"


async def test_an_experiment_goes_from_its_draft_over_a_second_person_to_its_stop(company: Town) -> None:
    first, last = (rfc3339(company.clock.now() + days * DAY)[:10] for days in (-1, 7))
    said = {
        "notice": "chat-first-line",
        "name": "Say what it gets wrong",
        "hypothesis": "Fewer people rely on a wrong price.",
        "fairness": "Both say that it is a program.",
        "starts_on": first,
        "ends_on": last,
        "purpose": "",
    }
    async with sign_in(company, Role.DPO, "one") as one, sign_in(company, Role.DPO, "two") as two:
        assert (await press(one, CHAT, f"{CHAT}/approve")).status_code == 303
        assert (await press(one, CHAT, f"{CHAT}/set-aside")).status_code == 303
        page = plain((await one.get(CHAT)).text)
        assert "Version 1 is in force" in page
        assert "for experiments alone" in page

        wrong = await press(one, HERE, HERE, **said, variants="as-it-is 1 50\nwarned 2 40")
        assert wrong.status_code == 422
        assert "the shares have to make 100 percent together" in plain(wrong.text)
        made = await press(one, HERE, HERE, **said, variants="as-it-is 1 50\nwarned 2 50")
        assert made.status_code == 303, made.text
        path = made.headers["location"]
        page = plain((await one.get(path)).text)
        assert "You drafted it. Somebody else has to approve it." in page
        assert "What warned says differently" in page

        assert said["name"] in plain((await two.get("/console/approvals")).text)
        assert (await press(two, path, f"{path}/approve")).status_code == 303
        assert said["name"] not in plain((await two.get("/console/approvals")).text)
        assert (await press(one, path, f"{path}/start")).status_code == 303
        page = plain((await two.get(path)).text)
        assert "Running since" in page
        assert "fewer than 5" in page
        assert (await press(two, path, f"{path}/stop", reason=" ")).status_code == 422
        assert (await press(two, path, f"{path}/stop", reason="People complain.")).status_code == 303
        shown = (await two.get(path)).text

    assert "People complain." in plain(shown)
    assert not re.search(r'action="[^"]*/(stop|start|approve)"', shown)
