"""What an administrator asks at night: is it well, by which figure, and what is to be done if not.

Everything here is known already: the database's own figures, the queue of jobs, the log's head, the gate's memory, and
what this process remembers of the models it asks. Each figure is bounded work.
"""

import os
import platform
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api import contract
from api import store as edge
from api.console import moments, rendering
from api.console.desk import HOME, Desk
from core import queue
from core.clock import MICROS
from core.database import Reader
from core.errors import DomainError
from explanations.deployed import service as deployed
from ledger import service as ledger
from migrations import run as migrations

_PATIENCE: Final = 60 * MICROS  # of jobs: periodic ones come around every few seconds
_UNSEALED: Final = 10 * MICROS
_LEAST_FREE: Final = 2**30
_MOST_MODELS: Final = 500
_ASLEEP: Final = {"failing": "fails now and then", "resting": "left alone for half a minute after failing"}


class Figure(NamedTuple):
    """One figure: its name, what it says, whether that is well, and what to do, where to look, if it is not."""

    name: str
    says: str
    good: bool
    todo: str = ""
    link: str = ""


async def health(desk: Desk) -> Response:
    """Show every figure, those that are wrong first."""
    found = [figure for ask in _QUESTIONS for figure in await _answered(desk, *ask)]
    figures = sorted(found, key=lambda figure: figure.good)
    wrong = sum(not figure.good for figure in found)
    if desk.partial:
        return rendering.fragment(desk, "health_now.html", figures=figures, wrong=wrong)
    return rendering.page(desk, "health.html", figures=figures, wrong=wrong, facts=_facts(desk))


async def _answered(desk: Desk, name: str, ask: "Question") -> list[Figure]:
    """Return what a question finds; a question nobody answers is a figure too."""
    try:
        return await ask(desk)
    except (DomainError, OSError):
        return [Figure(name, "no answer", False, "The database does not answer: see its own log, and its host.")]


async def _records(desk: Desk) -> list[Figure]:
    told = await desk.state.db.read(edge.figures)
    wanted, name = migrations.head(), "PostgreSQL" if desk.state.db.dialect == "postgresql" else "SQLite"
    same = told.revision == wanted
    return [
        Figure("Records", f"{name} {told.version.split()[0]}, {size(told.size)}", True),
        Figure(
            "Schema",
            f"at migration {told.revision}" + ("" if same else f", this release needs {wanted}"),
            same,
            "Run candor migrate, then start every process again.",
        ),
    ]


async def _disk(desk: Desk) -> list[Figure]:
    url = desk.state.settings.database_url()
    if not url.startswith("sqlite:///"):
        return []
    free = shutil.disk_usage(Path(url.removeprefix("sqlite:///")).parent).free
    todo = "Free some room: a full disk refuses every choice, and loses none that was acknowledged."
    return [Figure("Room on the disk", f"{size(free)} free", free >= _LEAST_FREE, todo)]


async def _memory_of_choices(desk: Desk) -> list[Figure]:
    gate = desk.state.gate
    many = len(gate.tenant(desk.tenant))
    sees = gate.current()
    says = f"{'sees every change' if sees else 'does not see every change'}, {many:,} people in memory"
    todo = (
        "It answers from the records meanwhile, more slowly and never wrongly. If it lasts, start this process again."
    )
    return [Figure("Gate", says, sees, todo)]


async def _log(desk: Desk) -> list[Figure]:
    async def work(tx: Reader) -> tuple[Any, int, Any]:
        last = await ledger.latest_checkpoint(tx)
        behind = await ledger.entries(tx, -1 if last is None else last.size - 1, 1)
        return last, await ledger.size(tx), behind

    last, entries, behind = await desk.state.db.read(work)
    late = bool(behind) and desk.now - behind[0].at > _UNSEALED
    sealed = "no checkpoint yet" if last is None else f"last checkpoint {_ago(desk, last.signed_at)}"
    waiting = entries - (0 if last is None else last.size)
    says = f"{entries:,} entries, {sealed}, {waiting:,} not sealed yet"
    todo = "Look whether the job that seals has given up, and whether the key file and the checkpoint file can be read."
    return [Figure("Audit log", says, not late, todo, f"{HOME}/jobs")]


async def _jobs(desk: Desk) -> list[Figure]:
    counts = await desk.state.db.read(queue.counts)
    due = [at for _, state, _, at in counts if state == queue.State.DUE]
    lag = max(0, desk.now - min(due, default=desk.now))
    dead = sum(many for _, state, many, _ in counts if state == queue.State.DEAD)
    behind = "nothing is behind" if lag < MICROS else f"the oldest waits for {moments.span(lag)}"
    return [
        Figure(
            "Jobs",
            behind if counts else "none was ever started",
            lag <= _PATIENCE and bool(counts),
            "Look whether a process of Candor runs its jobs, and which job takes so long.",
            f"{HOME}/jobs",
        ),
        Figure(
            "Given up",
            "nothing" if not dead else f"{dead:,} after twelve attempts",
            not dead,
            "Read why, mend it, and have them tried again.",
            f"{HOME}/jobs#dead",
        ),
    ]


async def _models(desk: Desk) -> list[Figure]:
    found = await desk.state.db.read(deployed.listed, desk.state.keyring, desk.tenant, "", _MOST_MODELS)
    live = [view for view in found if not view.row.retired]
    bad = [
        (view.document.model, _ASLEEP[condition])
        for view in live
        if (condition := desk.state.explainer.condition(view.document.url)) in _ASLEEP
    ]
    says = "; ".join(f"{name}: {words}" for name, words in bad) or f"{len(live):,} connected, none is failing"
    todo = "Try it with a sample decision; explanations wait meanwhile."
    return [Figure("Models", says, not bad, todo, f"{HOME}/models")]


async def _process(desk: Desk) -> list[Figure]:
    held = _resident()
    memory = "" if held is None else f", {size(held)} of memory"
    up = moments.span(desk.now - desk.state.started_at)
    return [Figure("This process", f"up for {up}{memory}", True)]


def _ago(desk: Desk, at: int) -> str:
    return f"{moments.span(desk.now - at)} ago"


def _resident() -> int | None:
    """Return the bytes of memory this process holds; nothing where the system does not tell (proc(5))."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def size(many: int) -> str:
    """Return a number of bytes in words, by thousands."""
    for unit, word in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if many >= unit:
            return f"{many / unit:,.1f} {word}"
    return f"{many} bytes"


def _facts(desk: Desk) -> tuple[tuple[str, str], ...]:
    settings = desk.state.settings
    return (
        ("Release", contract.VERSION),
        ("Python", platform.python_version()),
        ("Started", f"{moments.exact(desk.state.started_at, desk.zone)}, {moments.zone_name(desk.zone)}"),
        ("Mode", settings.serve.mode),
        ("Public address", settings.serve.public_url),
        ("Sign-in", settings.console.issuer or "one-time links, on this machine"),
        ("Rule packs", str(len(desk.state.packs.packs))),
    )


Question = Callable[[Desk], Awaitable[list[Figure]]]
_QUESTIONS: Final[tuple[tuple[str, Question], ...]] = (
    ("Records", _records),
    ("Room on the disk", _disk),
    ("Audit log", _log),
    ("Gate", _memory_of_choices),
    ("Jobs", _jobs),
    ("Models", _models),
    ("This process", _process),
)
