"""Faults of the AI and ideas about it, as staff report them: found again by system and by version (AGT-05)."""

from starlette.responses import Response

from api.console import forms, lists, rendering, together, views
from api.console.desk import HOME, Desk, go
from api.console.forms import Form
from api.console.lists import Filled, Filter
from core.database import Reader
from core.errors import InvalidError
from disclosures import service as register
from oversight.concerns import service
from oversight.concerns.service import Concern, Slice

PAGE = f"{HOME}/concerns"
KINDS = (("fault", "A fault of the AI"), ("idea", "An idea about it"))
_FIELDS = ("kind", "system", "decision", "request", "text")
_MOST_SYSTEMS = 500


async def _systems(tx: Reader, tenant: str) -> tuple[tuple[str, str], ...]:
    known = await register.listed(tx, tenant, "", _MOST_SYSTEMS)
    return tuple((view.system.key, view.document.name) for view in known)


def _filters(systems: tuple[tuple[str, str], ...]) -> tuple[Filter, ...]:
    return (
        Filter("kind", "Kind", "select", KINDS),
        Filter("system", "AI system", "select", systems),
        Filter("model_version", "Model version"),
    )


def _narrowing(filled: Filled) -> dict[str, str]:
    return {name: value for name, value in filled.values.items() if value}


async def listed(desk: Desk) -> Response:
    """Show what was reported, and the form to report something."""
    first = dict.fromkeys(_FIELDS, "")
    first |= {name: desk.query(f"about-{name}") for name in ("system", "decision", "request")}
    return await _shown(desk, forms.filled(first), 200)


async def _shown(desk: Desk, form: Form, status: int) -> Response:
    async def work(tx: Reader) -> tuple[Filled, Slice, tuple[tuple[str, str], ...], dict[str, str]]:
        systems = await _systems(tx, desk.tenant)
        filled = lists.of_desk(_filters(systems), desk)
        wanted, before = _narrowing(filled), lists.place(desk)
        found = await service.listed(tx, desk.state.keyring, desk.tenant, wanted, before, lists.PAGE)
        return filled, found, systems, dict(await together.colleagues(tx, desk))

    filled, found, systems, names = await desk.state.db.read(work)
    return rendering.page(
        desk,
        "concerns.html",
        status,
        heading="Faults and ideas",
        lead="What staff say about the AI: a fault that one of you saw, an idea that would help.",
        empty_what="Nobody has reported anything yet.",
        empty_how="Report it above, or from a request or a conversation: it then names the decision and the version.",
        filled=filled,
        found=found.items,
        count=len(found.items),
        older=found.older,
        searched=False,
        form=form,
        systems=(("", "choose"), *systems),
        kinds=KINDS,
        names=names,
        views=await views.of_page(desk),
    )


async def report(desk: Desk) -> Response:
    """Report a fault or an idea."""
    form = await desk.form(*_FIELDS)
    told = Concern(**{name: form[name].strip() for name in _FIELDS})
    try:
        await desk.state.db.transact(service.report, desk.state.keyring, desk.principal, told, desk.now)
    except InvalidError as error:
        return await _shown(desk, forms.again(form, error), 422)
    return go(PAGE)


async def count(desk: Desk, given: dict[str, str]) -> tuple[int, bool]:
    """Return how many reports a saved view has, up to a thousand."""

    async def work(tx: Reader) -> Slice:
        filled = lists.read(_filters(await _systems(tx, desk.tenant)), given)
        return await service.listed(tx, desk.state.keyring, desk.tenant, _narrowing(filled), None, 1000)

    found = await desk.state.db.read(work)
    return len(found.items), found.older is None


views.COUNTERS[PAGE] = ("concerns.read", count)
