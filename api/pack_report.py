"""``candor packs impact``: what a pack's file would change here, in lines, read from the database of the settings."""

from api.compose import database
from api.pack_impact import impact_of
from api.startup import packs_of
from core.settings import Settings
from disclosures.notices.impact import NoticeAffected
from disclosures.packs.loading import tried


async def told(settings: Settings, raw: bytes, tenant: str) -> list[str]:
    """Return the impact of a pack's file in lines, read from the database of the settings.

    Raises ``PackRefusedError``, ``RefusedToStartError``.
    """
    packs = packs_of(settings)
    together, pack = tried(packs, raw)
    db = database(settings)
    await db.open()
    try:
        found = await db.read(impact_of, tenant, packs, together, pack)
    finally:
        await db.close()
    return [
        *(f"{one.what:8} {one.rule}" + (f": {', '.join(one.fields)}" if one.fields else "") for one in found.rules),
        *(f"touchpoint {one.key}: {', '.join(one.rules)}" + _untold(one.untold) for one in found.touchpoints),
        *(f"notice {one.key}: {_standing(one)}" for one in found.notices),
    ]


def _untold(topics: tuple[str, ...]) -> str:
    return f"; nobody is told of {', '.join(topics)}" if topics else ""


def _standing(one: NoticeAffected) -> str:
    if not one.wrong:
        return "satisfies it"
    codes = ", ".join(dict.fromkeys(wrong.code for wrong in one.wrong))
    return f"{'no longer satisfies it' if one.newly else 'did not satisfy it before'}: {codes}"
