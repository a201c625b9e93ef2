"""The widget's configuration, not sent again (304) and sent whole, against bare uvicorn."""

import asyncio
import sys
import urllib.request
from pathlib import Path

import pytest

from api.compose import compose
from api.demo.seed import DemoFacts, seed
from core import keys
from core.clock import SystemClock
from migrations import run as migrations
from tests.speed import harness, town

pytestmark = pytest.mark.speed
ROUNDS = 3
CANDOR = [sys.executable, "-c", "from api.cli import main; main()", "serve"]


def _company(env: dict[str, str]) -> DemoFacts:
    """Make the demo company in a fresh database."""
    settings = town.settings_of(env)
    keyring = keys.generate(SystemClock().now())
    keys.save(keyring, settings.store.keys_file)
    migrations.upgrade(settings.database_url())

    async def make() -> DemoFacts:
        state = compose(settings, SystemClock(), keyring, with_jobs=False)
        await state.db.open()
        try:
            return await seed(state)
        finally:
            await state.db.close()

    return asyncio.run(make())


def test_configuration_against_bare_uvicorn(tmp_path: Path) -> None:
    env = {
        "CANDOR__STORE__URL": f"sqlite:///{tmp_path / 'candor.db'}",
        "CANDOR__STORE__KEYS_FILE": str(tmp_path / "candor.keys"),
        "CANDOR__STORE__CHECKPOINT_FILE": str(tmp_path / "checkpoints"),
    }
    path = f"/v1/widget/{_company(env).publishable_keys['shop']}/en"
    port = harness.free_port()
    base = f"http://127.0.0.1:{port}"
    with harness.server([*CANDOR, "--port", str(port)], f"{base}/health/ready", env=env) as candor:
        with urllib.request.urlopen(base + path, timeout=5) as answer:
            tag, body = answer.headers["ETag"], answer.read()
        with harness.floor("bare", CANDOR_FLOOR_BODY=body.decode()) as (bare, floor):
            known, whole, floors = [], [], []
            for _ in range(ROUNDS):
                floors.append(harness.load(floor, bare.pid))
                known.append(harness.load(base + path, candor.pid, headers=[f"If-None-Match: {tag}"]))
                whole.append(harness.load(base + path, candor.pid))
    under = harness.best(floors)
    for name, found in (("304", harness.best(known)), ("200", harness.best(whole))):
        ratio = under.cpu_us / found.cpu_us
        harness.record(
            f"widget configuration, {name}, SQLite",
            ">= 0.75 of bare",
            f"{ratio:.2f} ({found.cpu_us:.1f} us against {under.cpu_us:.1f}; {found.rate:,.0f}/s)",
            met=ratio >= 0.75,
        )
