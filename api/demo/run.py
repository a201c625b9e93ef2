"""``candor demo``: a whole Candor on this machine with the demo company in it, until it is stopped."""

import asyncio
import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from api import routes, server, startup
from api.app import create_app
from api.compose import compose
from api.demo import shop, start
from api.demo.company import AUTHORITY, COMPANY, TENANT
from api.demo.credit import SERVED_AT
from api.demo.seed import DemoFacts, seed
from api.demo.served import ServedModel
from api.state import AppState
from consent.notary import Controller
from core.clock import DAY, FixedClock, SystemClock
from core.principal import Principal, Role
from core.settings import Settings

_FACTS = "demo.json"
_YEAR = 380 * DAY


def run(port: int, folder: Path | None = None, *, model: bool = False) -> None:
    """Serve the demo on loopback until told to stop; without ``folder`` everything is thrown away at the end.

    ``model``: serve the credit model too, by a real model server.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _serve(port, folder, kept=True, model=model)
        return
    with tempfile.TemporaryDirectory(prefix="candor-demo-") as made:
        _serve(port, Path(made), kept=False, model=model)


def settings_in(folder: Path, port: int) -> Settings:
    """Return the settings of a demo whose files are in ``folder``."""
    plain = Settings()
    store = plain.store.model_copy(
        update={
            "url": SecretStr(f"sqlite:///{folder / 'candor.db'}"),
            "url_file": None,
            "keys_file": folder / "candor.keys",
            "checkpoint_file": folder / "candor.checkpoints",
        }
    )
    url = f"http://127.0.0.1:{port}"
    serve = plain.serve.model_copy(update={"host": "127.0.0.1", "port": port, "mode": "embedded", "public_url": url})
    models = plain.models.model_copy(update={"allow_private": (*plain.models.allow_private, SERVED_AT)})
    controller = plain.controller.model_copy(update={"name": COMPANY, "contact": "privacy@tarnfield.example"})
    wanted = {"authority": AUTHORITY, "place": "IE", "time_zone": "Europe/Dublin"}
    return plain.model_copy(
        update={
            "store": store,
            "serve": serve,
            "models": models,
            "controller": controller,
            "requests": plain.requests.model_copy(update=wanted),
        }
    )


def _serve(port: int, folder: Path, *, kept: bool, model: bool) -> None:
    try:
        settings = settings_in(folder, _free_port(port))
    except OSError:
        sys.stderr.write(f"candor: port {port} is in use here. Take another one: candor demo --port 0\n")
        sys.exit(2)
    clock = SystemClock()
    with startup.sole_process(settings):
        keyring = startup.keyring_of(settings, clock)
        startup.bring_schema_up(settings)
        stored = folder / _FACTS
        if stored.exists():
            facts = DemoFacts.from_json(stored.read_text(encoding="utf-8"))
        else:
            past = compose(settings, FixedClock(clock.now() - _YEAR), keyring, with_jobs=False)
            facts = asyncio.run(_seeded(past))
            stored.touch(mode=0o600)
            stored.write_text(facts.as_json(), encoding="utf-8")
        state = _named(compose(settings, clock, keyring))
        if model:
            state = _with_model(state, facts, folder)
        app = create_app(state, [*routes.routers(), start.router(facts)])
        server.run(app, settings, lambda taken: _say(banner(facts, f"http://127.0.0.1:{taken}", kept=kept)))


def _with_model(state: AppState, facts: DemoFacts, folder: Path) -> AppState:
    """Have the credit model served, and the other declined decision explained by asking it."""
    by = Principal(TENANT, "demo back-end", Role.SITE)
    decision = facts.decisions["customer-1001"]
    part = ServedModel(state.models, state.explainer, by, decision, folder / "model-server.log", _say)
    return replace(state, parts=(*state.parts, part))


def _free_port(port: int) -> int:
    """Return ``port``, or a free one for 0: receipts name the address, so it is needed before listening.

    Raises ``OSError`` if it is in use.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        taken: int = probe.getsockname()[1]
    return taken


def _named(state: AppState) -> AppState:
    """Have receipts name the demo company."""
    company = Controller(COMPANY, "12 Quay Street, Galway, Ireland", "privacy@tarnfield.example")
    return replace(state, choosing=replace(state.notary, controllers={TENANT: company}))


async def _seeded(state: AppState) -> DemoFacts:
    named = _named(state)
    await named.db.open()
    try:
        return await seed(named)
    finally:
        await named.db.close()


def banner(facts: DemoFacts, base_url: str, *, kept: bool = False) -> str:
    """Return what the demo prints once it serves: what to open, and what to try in a terminal."""
    end = "Ctrl+C stops it; its records are kept." if kept else "Ctrl+C stops it and throws everything away."
    return f"""
Candor demo: the Tarnfield Group, 3 sites, 5 AI systems, 8 purposes. {end}

Open
  {base_url}/                       start here: every site, as nobody or as a known customer
  {base_url}/t/shop/en/choices      the choices page of the shop (also de, ar)
  {base_url}/console                where staff work; the start page lets you in as any of them
{_shop_line(base_url)}
Ask the gate, in another terminal
  export CANDOR={base_url}
  export CANDOR_KEY={facts.api_key}
  export CANDOR_ADMIN_KEY={facts.admin_key}
  export CANDOR_SITE={facts.publishable_keys["shop"]}
  curl -s "$CANDOR/v1/permissions?subject={facts.customer}&purpose=support-chat&system=support-chatbot" \\
    -H "Authorization: Bearer $CANDOR_KEY"

Ask why a credit was declined (`candor demo --model` serves the model too, and explains the other by asking it)
  export CANDOR_DECISION={facts.decisions.get(facts.customer, "")}
  export CANDOR_OTHER_DECISION={facts.decisions.get("customer-1001", "")}
  curl -s "$CANDOR/v1/decisions/$CANDOR_DECISION/why" -H "Authorization: Bearer $CANDOR_KEY"

docs/quickstart.md goes on from here.
"""


def _shop_line(base_url: str) -> str:
    return f"  {base_url}/shop/index.html        a shop's own page with the widget\n" if shop.is_there() else ""


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
