"""A declined customer of the demo company asks why, and browsers that work on the request, for tests of its pages."""

from typing import Any

import httpx

from core.principal import Role
from tests.api.pages_company import Town
from tests.console.house import OWN, form_of, press, sign_in

__all__ = ["Role", "ask", "draft_page", "read", "sign_in", "step"]
BOARD = "/console/requests"
CUSTOMER = "customer-4711"
CHECKED = (
    "decision_is_the_right_one",
    "reasons_are_specific",
    "nothing_of_others",
    "rights_are_named",
    "plain_language",
)


async def ask(company: Town, language: str = "en", **more: Any) -> str:
    """Have the demo's declined customer ask why, with her token, and return the request's id."""
    asked = {"decisions": [company.facts.decisions[CUSTOMER]], "question": "Why was I declined?", "language": language}
    token = company.token(customer=CUSTOMER)
    headers = {"Authorization": f"Bearer {token}", "Origin": "https://shop.tarnfield.example"}
    async with company.visitor() as client:
        made = await client.post("/v1/explanation-requests", json={**asked, **more}, headers=headers)
        assert made.status_code in {200, 201}, made.text
        found: str = made.json()["id"]
        return found


async def read(client: httpx.AsyncClient, request: str, page: str = "") -> str:
    """Return a page of a request."""
    answer = await client.get(f"{BOARD}/{request}{page}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def step(client: httpx.AsyncClient, request: str, name: str, page: str = "", **given: str) -> httpx.Response:
    """Press the button of a step on a request's page; fields without their step's name."""
    act = f"{BOARD}/{request}/{name}"
    told = {f"{name}-{field}": value for field, value in given.items()}
    return await press(client, f"{BOARD}/{request}{page}", act, **told)


async def draft_page(client: httpx.AsyncClient, request: str, section: str, **changed: str) -> httpx.Response:
    """Write in one section of a draft: every sentence as it stands, but for what is changed."""
    html = await read(client, request, f"/sections/{section}")
    fields = {**form_of(html, f"{BOARD}/{request}/draft"), **changed}
    return await client.post(f"{BOARD}/{request}/draft", data=fields, headers=OWN)


async def contested(company: Town, request: str, ann: httpx.AsyncClient, ben: httpx.AsyncClient) -> None:
    """Have a request drafted by Ann, approved and released by Ben, and contested by the customer."""
    for name in ("draft", "submit"):
        assert (await step(ann, request, name)).status_code == 303
    ticked = dict.fromkeys((*CHECKED, "reasons_not_checked"), "yes")
    assert (await step(ben, request, "approve", **ticked)).status_code == 303
    assert (await step(ben, request, "release")).status_code == 303
    headers = {
        "Authorization": f"Bearer {company.token(customer=CUSTOMER)}",
        "Origin": "https://shop.tarnfield.example",
    }
    async with company.visitor() as client:
        said = await client.post(
            f"/v1/explanation-requests/{request}/contest", json={"view": "It was May."}, headers=headers
        )
        assert said.status_code == 200, said.text
