"""What a rule pack concerns at a tenant, and what another version would change before anybody installs it (RUL-03)."""

import json
from typing import Any, NamedTuple

from core.database import Reader
from core.errors import InvalidError
from disclosures.notices import impact, reach, standing
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.impact import Impact
from disclosures.notices.reach import NoticeConcerned, TouchpointConcerned
from disclosures.packs.documents import Pack
from disclosures.packs.errors import PackRefusedError
from disclosures.packs.loading import PackSet, tried
from disclosures.touchpoints import service as touchpoints
from disclosures.touchpoints.documents import TouchpointDocument


def trial(packs: PackSet, values: Any, pack_id: str) -> tuple[PackSet, Pack]:
    """Return the packs with another version of one. Raises ``InvalidError`` for what is no such pack."""
    try:
        together, pack = tried(packs, json.dumps(values).encode())
    except PackRefusedError as error:
        raise InvalidError.field("", str(error)) from error
    if pack.id != pack_id:
        raise InvalidError.field("/id", "is not the id in the path")
    return together, pack


class Concerned(NamedTuple):
    """What a pack concerns: touchpoints that set its rules off, and notices that have to satisfy it."""

    touchpoints: list[TouchpointConcerned]
    notices: list[NoticeConcerned]


async def _there(tx: Reader, tenant: str) -> tuple[dict[str, TouchpointDocument], list[NoticeDocument]]:
    """Return the touchpoints in the register by key, and the notices in force."""
    views = await touchpoints.of_tenant(tx, tenant)
    registered = {one.touchpoint.key: one.document for one in views if one.touchpoint.state != "retired"}
    return registered, [document for _, document in await standing.in_force(tx, tenant)]


async def concerned(tx: Reader, tenant: str, packs: PackSet, pack: Pack) -> Concerned:
    """Return what an installed pack concerns."""
    there = await _there(tx, tenant)
    return Concerned(reach.touchpoints(pack, packs, *there), reach.notices(pack, packs, *there))


async def impact_of(tx: Reader, tenant: str, packs: PackSet, together: PackSet, pack: Pack) -> Impact:
    """Return what differs from the installed version, and which touchpoints and notices that concerns."""
    return impact.of_change(packs.packs.get(pack.id), pack, together, *await _there(tx, tenant))
