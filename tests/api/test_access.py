"""The permission table: every role against every permission, scopes, grants, and routes that forget to ask."""

import itertools

import pytest
from fastapi import APIRouter, Depends, FastAPI
from hypothesis import given
from hypothesis import strategies as st

from api import access
from core.principal import Principal, Role
from tests.rules.generated import ACCESS, access_page

# The role table of the security reference, written down a second time on purpose: a slip in one shows in the other.
EXPECTED: dict[Role, set[str]] = {
    Role.ANONYMOUS: {
        "explanations.why",
        "requests.open",
        "requests.read",
        "requests.answer.own",
        "offers.ask",
        "showings.write",
        "identity.ask",
        "notices.read",
        "handoffs.ask",
        "handoffs.read",
        "handoffs.speak",
        "queues.read",
        "choices.read.own",
        "choices.write.own",
        "choices.record",
        "receipts.read.own",
        "purposes.read",
        "systems.read",
        "packs.read",
        "disclosures.resolve",
    },
    Role.CUSTOMER: {
        "explanations.why",
        "requests.open",
        "requests.read",
        "requests.answer.own",
        "offers.ask",
        "showings.write",
        "identity.ask",
        "notices.read",
        "handoffs.ask",
        "handoffs.read",
        "handoffs.speak",
        "queues.read",
        "choices.read.own",
        "choices.write.own",
        "choices.record",
        "receipts.read.own",
        "purposes.read",
        "systems.read",
        "packs.read",
        "disclosures.resolve",
    },
    Role.SITE: {
        "explanations.read",
        "explanations.write",
        "explanations.why",
        "requests.open",
        "requests.read",
        "requests.answer.own",
        "requests.step",
        "requests.confirm",
        "showings.write",
        "showings.read",
        "turns.write",
        "identity.ask",
        "notices.read",
        "touchpoints.read",
        "labels.make",
        "handoffs.ask",
        "handoffs.read",
        "handoffs.speak",
        "queues.read",
        "conversations.write",
        "decisions.write",
        "decisions.read",
        "propagation.acknowledge",
        "choices.read",
        "choices.write",
        "choices.record",
        "choices.import",
        "receipts.read",
        "permissions.check",
        "purposes.read",
        "systems.read",
        "packs.read",
        "disclosures.resolve",
        "subjects.link",
    },
    Role.AGENT: {
        "concerns.report",
        "concerns.read",
        "explanations.read",
        "explanations.write",
        "explanations.why",
        "requests.open",
        "requests.read",
        "requests.step",
        "requests.work",
        "requests.review",
        "requests.list",
        "showings.read",
        "identity.ask",
        "notices.read",
        "touchpoints.read",
        "reasons.read",
        "handoffs.ask",
        "handoffs.read",
        "handoffs.speak",
        "queues.read",
        "handoffs.serve",
        "handoffs.context",
        "handoffs.figures",
        "consoles.use",
        "decisions.read",
        "choices.read",
        "receipts.read",
        "purposes.read",
        "systems.read",
        "packs.read",
        "disclosures.resolve",
        "subjects.read",
    },
    Role.DPO: {
        "retention.read",
        "retention.write",
        "training.read",
        "training.write",
        "concerns.report",
        "concerns.read",
        "explanations.read",
        "explanations.write",
        "explanations.why",
        "models.read",
        "models.write",
        "requests.open",
        "requests.read",
        "requests.step",
        "requests.work",
        "requests.review",
        "requests.list",
        "requests.figures",
        "requests.annex",
        "showings.read",
        "identity.ask",
        "notices.read",
        "notices.write",
        "notices.approve",
        "claims.write",
        "touchpoints.read",
        "touchpoints.write",
        "register.export",
        "claims.read",
        "disclosure-reviews.read",
        "disclosure-reviews.open",
        "disclosure-reviews.close",
        "experiments.read",
        "experiments.write",
        "experiments.approve",
        "labels.make",
        "reasons.read",
        "reasons.write",
        "reasons.approve",
        "handoffs.read",
        "handoffs.context",
        "handoffs.figures",
        "queues.read",
        "queues.write",
        "desks.read",
        "consoles.use",
        "propagation.list",
        "propagation.repeat",
        "propagation.acknowledge",
        "recipients.read",
        "choices.list",
        "choices.export",
        "decisions.list",
        "figures.read",
        "decisions.read",
        "choices.read",
        "choices.write",
        "choices.record",
        "choices.import",
        "choices.invalidate",
        "receipts.read",
        "permissions.check",
        "purposes.read",
        "purposes.write",
        "systems.read",
        "packs.read",
        "disclosures.resolve",
        "overrides.read",
        "overrides.write",
        "systems.write",
        "subjects.read",
        "subjects.link",
        "subjects.erase",
        "subjects.restrict",
        "ledger.read",
        "sites.read",
    },
    Role.AUDITOR: {
        "retention.read",
        "training.read",
        "concerns.read",
        "explanations.read",
        "models.read",
        "requests.read",
        "requests.list",
        "requests.figures",
        "requests.annex",
        "showings.read",
        "identity.ask",
        "notices.read",
        "touchpoints.read",
        "register.export",
        "claims.read",
        "experiments.read",
        "disclosure-reviews.read",
        "reasons.read",
        "handoffs.read",
        "handoffs.figures",
        "queues.read",
        "desks.read",
        "consoles.use",
        "propagation.list",
        "recipients.read",
        "choices.list",
        "choices.export",
        "decisions.list",
        "figures.read",
        "staff.read",
        "decisions.read",
        "choices.read",
        "receipts.read",
        "purposes.read",
        "systems.read",
        "packs.read",
        "disclosures.resolve",
        "overrides.read",
        "ledger.read",
        "ledger.export",
        "sites.read",
        "keys.read",
        "jobs.read",
    },
    Role.ADMIN: {
        "training.read",
        "training.write",
        "models.read",
        "models.write",
        "identity.ask",
        "notices.read",
        "notices.write",
        "touchpoints.read",
        "touchpoints.write",
        "register.export",
        "claims.read",
        "experiments.read",
        "experiments.write",
        "disclosure-reviews.read",
        "disclosure-reviews.open",
        "reasons.read",
        "reasons.write",
        "handoffs.figures",
        "queues.read",
        "queues.write",
        "desks.read",
        "desks.write",
        "consoles.use",
        "staff.read",
        "staff.write",
        "purposes.read",
        "systems.read",
        "packs.read",
        "disclosures.resolve",
        "overrides.read",
        "overrides.write",
        "systems.write",
        "sites.read",
        "sites.write",
        "recipients.read",
        "recipients.write",
        "keys.read",
        "keys.write",
        "jobs.read",
        "jobs.write",
    },
}
BROWSERS = {Role.ANONYMOUS, Role.CUSTOMER}


def principal(role: Role, scopes: frozenset[str]) -> Principal:
    return Principal(tenant="ten_a", id="key_a", role=role, scopes=scopes)


@pytest.mark.parametrize(("role", "permission"), list(itertools.product(Role, access.PERMISSIONS)))
def test_a_role_may_do_what_the_reference_says_and_nothing_else(role: Role, permission: str) -> None:
    caller = principal(role, access.SCOPES)

    assert access.allowed(caller, permission) == (permission in EXPECTED[role])


@pytest.mark.parametrize(("role", "permission"), list(itertools.product(set(Role) - BROWSERS, access.PERMISSIONS)))
def test_without_its_scope_a_permission_is_not_there(role: Role, permission: str) -> None:
    scope = access.PERMISSIONS[permission].scope

    assert not access.allowed(principal(role, access.SCOPES - {scope}), permission)


def test_an_auditor_changes_nothing() -> None:
    assert not [name for name in EXPECTED[Role.AUDITOR] if "write" in name or "erase" in name or "import" in name]


def test_an_unknown_permission_is_an_error_when_the_application_is_put_together() -> None:
    with pytest.raises(KeyError):
        access.requires("choices.wriet")


@given(
    caller=st.builds(principal, st.sampled_from(Role), st.frozensets(st.sampled_from(sorted(access.SCOPES)))),
    role=st.sampled_from(Role),
    scopes=st.frozensets(st.sampled_from([*sorted(access.SCOPES), "made:up"])),
)
def test_nobody_grants_a_scope_beyond_his_own(caller: Principal, role: Role, scopes: frozenset[str]) -> None:
    if access.may_grant(caller, role, scopes):
        assert caller.role is Role.ADMIN
        assert role in {Role.SITE, Role.ADMIN}
        assert scopes <= caller.scopes
        assert scopes <= access.reach_of(role)


def test_an_administrator_can_make_every_key_of_a_back_end() -> None:
    admin = principal(Role.ADMIN, access.reach_of(Role.ADMIN))

    assert access.may_grant(admin, Role.SITE, access.scopes_of(Role.SITE))
    assert not access.allowed(admin, "choices.read")


async def endpoint() -> None:
    pass


def test_a_route_without_a_permission_stops_the_start() -> None:
    router = APIRouter(prefix="/v1")
    router.get("/asks", dependencies=[Depends(access.requires("jobs.read"))])(endpoint)
    router.get("/open", dependencies=[Depends(access.public())])(endpoint)
    app = FastAPI(openapi_url=None)
    app.include_router(router)
    access.check_every_route(app)

    router.post("/forgot")(endpoint)

    with pytest.raises(access.UndeclaredRouteError, match="POST /v1/forgot"):
        access.check_every_route(app)


def test_a_mounted_application_is_looked_into() -> None:
    inner, app = FastAPI(openapi_url=None), FastAPI(openapi_url=None)
    inner.get("/deep")(endpoint)
    app.mount("/below", inner)
    app.mount("/static", access.declared_public(FastAPI(openapi_url=None)))

    with pytest.raises(access.UndeclaredRouteError, match="GET /deep"):
        access.check_every_route(app)


def test_the_reference_table_names_every_permission() -> None:
    table = access.reference_table()

    assert all(f"`{permission}`" in table for permission in access.PERMISSIONS)


def test_the_page_on_access_is_the_one_that_is_generated() -> None:
    assert ACCESS.read_text(encoding="utf-8") == access_page()
