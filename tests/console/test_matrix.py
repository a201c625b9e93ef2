"""Role by page by action, from the plan: what a role may not do is neither shown to it nor reachable by it."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api import access
from api.console import plan
from api.console.cases import filing
from api.console.plan import Page
from api.console.rendering import assets
from core.clock import FixedClock
from core.database import Tx
from core.keys import KeyRing
from core.principal import Principal, Role
from disclosures.experiments import service as experiments
from disclosures.notices import service as notices
from disclosures.notices.standing import document_of
from disclosures.reviews import service as vendors
from tests.api.pages_company import Town, town
from tests.console import casework
from tests.console.house import OWN, form_of, sign_in
from tests.console.test_evidence import a_choice, person
from tests.disclosures.experimenting import experiment_document, split
from tests.disclosures.noticing import DPO, SECOND
from tests.disclosures.test_reviews import update

pytestmark = pytest.mark.anyio
STAFF = (Role.AGENT, Role.DPO, Role.AUDITOR, Role.ADMIN)
ACT = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]+)"')
LINK = re.compile(r'href="(/console[^"#]*)')
# what stands under a key, where it is no purpose
KEYS = {
    "systems": "support-chatbot",
    "notices": "chat-first-line",
    "touchpoints": "shop-chat",
    "claims": "answers-in-seconds",
}
OUTSIDE = {page.pattern for page in plan.DOORS}


def principal(role: Role) -> Principal:
    return Principal(tenant="default", id="oidc_x", role=role, scopes=access.reach_of(role))


def may(role: Role, page: Page) -> bool:
    return page.permission is None or access.allowed(principal(role), page.permission)


@pytest.fixture
async def served(sqlite_template: Path, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Town]:
    path = tmp_path / "matrix.db"
    path.write_bytes(sqlite_template.read_bytes())
    async with town(f"sqlite:///{path}", tmp_path, clock, keyring) as company:
        yield company


async def places(company: Town) -> dict[str, str]:
    """Return something that is there for each name in the plan's addresses."""
    seq = await a_choice(company)
    state = company.app.state
    sites = await state.db.read(_sites)
    return {
        "seq": str(seq),
        "subject": person(company),
        "key": "ai-training",
        "language": "de",
        "pack": min(state.packs.packs),
        "site": sites,
        "decision": company.facts.decisions["customer-4711"],
        "view": "vew_" + "0" * 32,
        "name": next(iter(assets())),
        "handoff": await a_conversation(company),
        "request": await casework.ask(company),
        "section": "result",
        "paper": "pap_" + "0" * 32,
        "table": "credit-letters",
        "endpoint": await state.db.read(_endpoints),
        "group": "all-applicants",
        "explanation": "exp_" + "0" * 32,
        "job": "job_" + "0" * 32,
        "desk": await a_desk(company),
        "queue": "main",
        "reply": await a_reply(company),
        "recipient": await a_recipient(company),
        "notice": "ntc_" + "0" * 32,
        "review": await a_review(company),
        "experiment": await an_experiment(company),
        "sort": "decision",
        "hold": "hld_" + "0" * 32,
        "certificate": "rtr_" + "0" * 32,
    }


async def a_conversation(company: Town) -> str:
    """Have the demo's customer ask for a person, and return the conversation."""
    asked = {"subject": "customer-4711", "message": "I want to talk to a person about my credit."}
    headers = {"Authorization": f"Bearer {company.facts.api_key}", "Idempotency-Key": "ask-1"}
    async with company.visitor() as client:
        made = await client.post("/v1/handoffs", json=asked, headers=headers)
        assert made.status_code == 201, made.text
        found: str = made.json()["id"]
        return found


async def a_reply(company: Town) -> str:
    """Have a reply kept at hand, and return it."""
    from api.console import store
    from api.console.tables import ReadyReply

    made = ReadyReply(
        id="rdy_" + "0" * 32, tenant="default", title="Hello", language="en", text="Hello.", made_by="oidc_x", made_at=0
    )

    async def work(tx: Tx) -> None:
        store.keep_reply(tx, made)

    await company.app.state.db.transact(work)
    return made.id


async def a_review(company: Town) -> str:
    """Have a vendor's change recorded that opens a review, and return the review."""
    state = company.app.state
    opened = await state.db.transact(
        vendors.record, principal(Role.DPO), "support-chatbot", update(), company.clock.now()
    )
    return opened.reviews[0].id


async def an_experiment(company: Town) -> str:
    """Have a text set aside and an experiment with it drafted, and return the experiment."""
    state, notice, at = company.app.state, "review-label", company.clock.now()
    by, other = DPO, SECOND
    view = await state.db.read(notices.view, "default", notice)
    assert view.published is not None
    document = document_of(view.published.document)
    await state.db.transact(notices.draft, by, document, at)
    await state.db.transact(notices.approve, other, notice, state.packs, at)
    await state.db.transact(notices.set_aside, by, notice, state.packs, at)
    number = view.notice.latest_version
    tried = experiment_document(notice=notice, variants=split(number, number + 1))
    made = await state.db.transact(experiments.create, by, tried, state.packs, at)
    return made.row.id


async def a_recipient(company: Town) -> str:
    """Have a recipient registered, and return its id."""
    from consent.propagation.recipients import service

    state = company.app.state
    told = service.Sheet("Model trainer", "https://trainer.example/in")
    row, _ = await state.db.transact(service.register, state.keyring, principal(Role.ADMIN), told, state.clock.now())
    found: str = row.id
    return found


async def a_desk(company: Town) -> str:
    """Have a help desk of others set up, and return its key."""
    from handoff.delivery import setups

    state = company.app.state
    document = {"url": "https://desk.example/in", "modes": ["ticket"], "options": {}}
    by, where = principal(Role.ADMIN), ("tickets", "webhook")
    await state.db.transact(setups.write, state.keyring, by, where, document, {"secret": "s"}, state.clock.now())
    return "tickets"


async def _endpoints(tx: Any) -> str:
    from explanations.deployed import store

    return (await store.endpoints_after(tx, "default", "", 1))[0].id


async def _sites(tx: Any) -> str:
    from api.auth import store

    return (await store.sites(tx, "default", None))[0].id


def address(page: Page, there: dict[str, str]) -> str:
    named = dict(there)
    for start, key in KEYS.items():
        if page.pattern.startswith(f"/console/{start}"):
            named["key"] = key
    return page.pattern.format(**named)


def test_every_page_has_a_permission_of_the_table_or_is_a_door() -> None:
    plan.check()
    bare = {page.pattern for page in plan.PAGES if page.permission is None}

    assert bare < OUTSIDE
    assert len({(page.method, page.pattern) for page in plan.PAGES}) == len(plan.PAGES)


def test_exports_erasures_and_new_keys_take_a_fresh_sign_in() -> None:
    fresh = {page.pattern.rpartition("/")[2] for page in plan.PAGES if page.fresh}

    assert fresh == {"export", "erasure", "approve", "keys"}


@pytest.mark.parametrize("role", STAFF)
async def test_a_role_reaches_its_pages_and_no_other(served: Town, role: Role) -> None:
    there = await places(served)
    async with sign_in(served, role) as client:
        token = form_of((await client.get("/console/settings")).text, "/console/settings")["token"]
        for page in plan.PAGES:
            if page.permission is None or page.pattern == "/console/sign-out":
                continue
            where = address(page, there)
            if page.method == "GET":
                came = await client.get(where)
                allowed = came.status_code in {200, 303} or came.status_code == 404
            else:
                # a wrong token stops what is allowed behind the permission: 403 of another code
                came = await client.post(where, data={"token": token}, headers=OWN)
                allowed = "Your role or key does not allow this." not in came.text
            assert allowed == may(role, page), f"{role} {page.method} {where}: {came.status_code}"
            assert came.status_code < 500, f"{role} {page.method} {where}"


@pytest.mark.parametrize("role", STAFF)
async def test_a_page_offers_a_role_nothing_it_may_not_do(served: Town, role: Role) -> None:
    there = await places(served)
    async with sign_in(served, role) as client:
        why = f"/console/people/{there['subject']}/why"
        if role is not Role.ADMIN:
            asked = (await client.get(f"/console/people/{there['subject']}")).text
            fields = form_of(asked, why)
            assert (await client.post(why, data={**fields, "reason": "audit"}, headers=OWN)).status_code == 303
        offered: dict[str, set[str]] = {"GET": set(), "POST": set()}
        for page in plan.PAGES:
            if page.method != "GET" or not may(role, page) or page.pattern.startswith("/console/assets"):
                continue
            html = (await client.get(address(page, there))).text
            offered["POST"] |= set(ACT.findall(html))
            offered["GET"] |= {link.partition("?")[0].replace("&amp;", "&") for link in LINK.findall(html)}
        offered["GET"] = {link for link in offered["GET"] if not link.startswith("/console/assets")}
        for method, links in offered.items():
            for link in links:
                found = plan.find(method, link)
                assert isinstance(found, tuple), f"{role}: {method} {link} is no page"
                assert may(role, found[0]), f"{role} is offered {method} {link}"
        # and the other way round: what it may do is offered somewhere
        patterns = {plan.find("POST", link)[0].pattern for link in offered["POST"]}  # type: ignore[index, union-attr]  # found above
        hidden = {
            page.pattern
            for page in plan.PAGES
            if page.method == "POST" and page.permission is not None and may(role, page)
        } - patterns
        if role in {Role.AGENT, Role.ADMIN}:
            hidden -= {"/console/views"}  # they have no list
        not_yet = {*filing.FIELDS, "evidence"} - {"claim", "draft", "transfer", "extend", "refuse", "scope"}
        assert hidden <= {
            "/console/role",  # one role only
            "/console/views/{view}/delete",  # no view was saved
            "/console/people/{subject}/erasure/approve",  # nothing waits
            "/console/purposes/{key}/publish",  # no draft
            "/console/notices/{key}/publish",  # no draft is approved
            "/console/notices/{key}/set-aside",  # the same
            "/console/experiments/{experiment}/start",  # not approved
            "/console/experiments/{experiment}/stop",  # does not run
            "/console/people/{subject}/why",  # given already
            "/console/people/{subject}/erasure",  # only until it was asked for
            "/console/staff/end",  # nobody else is signed in
            "/console/propagation/{notice}/redeliver",  # nobody was told of anything
            "/console/jobs/{job}/retry",  # nothing was given up
            "/console/conversations/{handoff}/decline",  # nothing is offered
            *(
                f"/console/conversations/{{handoff}}/{act}"
                for act in ("reply", "ready", "resolve", "pass", "return", "flag", "typing")
            ),  # not taken
            "/console/answers/{table}/approve",  # no draft
            "/console/retention/{sort}/approve",  # nothing was proposed
            "/console/holds/{hold}/release",  # nothing is held
            "/console/stopped/{explanation}",  # nothing is stopped
            *(f"/console/requests/{{request}}/{act}" for act in not_yet),  # the request is not there yet
        }, hidden


def test_the_assets_weigh_less_than_forty_kilobytes() -> None:
    import gzip

    total = sum(len(gzip.compress(text.encode(), 9)) for text, _ in assets().values())

    assert total <= 40_000


def test_what_is_vendored_is_what_is_locked() -> None:
    import base64
    from hashlib import sha384

    folder = Path(plan.__file__).parent / "assets"
    for name, told in json.loads((folder / "vendored.json").read_text(encoding="utf-8")).items():
        raw = (folder / name).read_bytes()
        assert base64.b64encode(sha384(raw).digest()).decode() == told["sha384"]
        assert (folder / told["licence_file"]).read_text(encoding="utf-8").startswith("Zero-Clause BSD")
