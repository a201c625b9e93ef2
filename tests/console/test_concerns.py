"""What staff report about AI systems: with the version it is about, sealed with the person, found again by version."""

import pytest

from core.principal import Role
from tests.api.pages_company import Town
from tests.console.casework import CUSTOMER, ask, read
from tests.console.house import press, sign_in

pytestmark = pytest.mark.anyio
PAGE = "/console/concerns"
SAID = "It weighs an old balance."


async def test_a_fault_reported_from_a_request_names_the_version_and_is_found_by_it(company: Town) -> None:
    request = await ask(company)
    decision = company.facts.decisions[CUSTOMER]
    told = {
        "kind": "fault",
        "system": "",
        "decision": decision,
        "request": request,
        "text": SAID,
    }
    async with sign_in(company, Role.AGENT) as client, sign_in(company, Role.AUDITOR) as auditor:
        assert f"about-request={request}&amp;about-decision={decision}" in await read(client, request)
        assert "Nobody has reported anything yet." in (await client.get(PAGE)).text
        assert (await press(client, PAGE, PAGE, **told)).status_code == 303
        found = (await client.get(f"{PAGE}?system=credit-scorer&model_version=2026-02")).text
        assert SAID in found
        assert f'href="/console/decisions/{decision}"' in found
        assert SAID not in (await client.get(f"{PAGE}?model_version=2")).text
        seen = (await auditor.get(PAGE)).text
        assert SAID in seen
        assert f'method="post" action="{PAGE}"' not in seen
        log = (await auditor.get("/console/audit?kind=ai-concern.reported")).text
        assert SAID not in log
        assert "A fault or idea about the AI was reported" in log


async def test_an_idea_about_no_case_names_its_system_or_comes_back_with_what_was_written(small: Town) -> None:
    told = {"kind": "idea", "system": "", "decision": "", "request": "", "text": "Say the reasons in the chat."}
    async with sign_in(small, Role.AGENT) as client:
        bare = await press(client, PAGE, PAGE, **told)
        assert (bare.status_code, "Say the reasons in the chat.</textarea>" in bare.text) == (422, True)
        assert "choose the AI system it is about" in bare.text
        unknown = await press(client, PAGE, PAGE, **{**told, "decision": "dec_" + "0" * 32})
        assert (unknown.status_code, "there is no such decision" in unknown.text) == (422, True)
        assert (await press(client, PAGE, PAGE, **{**told, "system": "support-chatbot"})).status_code == 303
        assert "Say the reasons in the chat." in (await client.get(f"{PAGE}?kind=idea")).text
        assert "Say the reasons in the chat." not in (await client.get(f"{PAGE}?kind=fault")).text
