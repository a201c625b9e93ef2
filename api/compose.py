"""The composition root: from settings to one running Candor, every part made once and handed on."""

import secrets
from collections.abc import Mapping

from api import store
from api.auth import store as auth_store
from api.auth.access_tokens import AccessTokens
from api.auth.directory import Directory
from api.auth.origins import of_url
from api.auth.provider import Provider
from api.auth.sign_in import SignIn
from api.auth.uses import Uses
from api.bell import Bell
from api.catalogue import catalogue_at
from api.probes import LeaseProbe, SealProbe
from api.startup import packs_of
from api.state import AppState, Part, Probe
from api.terms import terms_of
from api.tracing import traces
from api.widget.shelf import Shelf
from consent.notary import Controller, Notary
from consent.permissions import Gate
from core.clock import Clock
from core.database import Database
from core.database.coherence import Coherence, SqliteCoherence, Whispers
from core.database.sqlite import SqliteStore
from core.http import HttpClient
from core.keys import KeyRing
from core.mail import Smtp
from core.settings import Settings
from disclosures import service as register
from disclosures.packs.loading import PackSet
from explanations.alerts import WEBHOOK
from explanations.asking import Asker
from explanations.explaining import Budget, Explainer
from explanations.kept.service import JOB as EXPLAIN
from explanations.narratives.adapters.openai_words import OpenAiWords
from explanations.narratives.service import Narrator
from explanations.requests.closing import CLOSING
from explanations.requests.service import LETTER
from explanations.requests.terms import Desk
from explanations.telling import Sender, Teller
from handoff.delivery.outgoing import Outgoing
from handoff.delivery.posting import Posting
from jobs.alarm import Alarm
from jobs.calendar import BusinessDays
from jobs.closing import Closing
from jobs.deadlines import Deadlines
from jobs.disclose import Disclose
from jobs.expire import Expire
from jobs.letters import Letters
from jobs.propagate import Propagate
from jobs.retain import Retain
from jobs.route import Route
from jobs.runner import JobKind, Runner
from jobs.runs import Runs
from jobs.seal import Seal
from jobs.tally import Tally
from jobs.webhooks import Webhooks
from ledger import store as ledger_store
from ledger.journal import LedgerJournal

DEFAULT_TENANT = "default"
_PURGE_EVERY = 600.0
_EXPIRE_EVERY = 60.0
_ROUTE_EVERY = 0.5
_PROPAGATE_EVERY = 1.0
_PULL_EVERY = 5.0
_TALLY_EVERY = 10.0
_DISCLOSE_EVERY = 15.0
_ALARM_EVERY = 60.0
_RETAIN_EVERY = 86_400.0
_PURGE_MOST = 5000


class Jobs:
    """The runner of background jobs as a part of a serving process."""

    def __init__(self, runner: Runner) -> None:
        """Run ``runner`` while the process serves."""
        self._runner = runner

    async def open(self) -> None:
        """Start claiming jobs."""
        await self._runner.start()

    async def close(self) -> None:
        """Finish the jobs under way."""
        await self._runner.stop()


def database(settings: Settings) -> Database:
    """Return the store of the settings, with the ledger as its journal; not yet open."""
    store_settings = settings.store
    return Database(
        settings.database_url(),
        LedgerJournal(),
        batch_limit=store_settings.batch_limit,
        read_connections=store_settings.read_connections,
        statement_timeout_ms=store_settings.statement_timeout_ms,
    )


def _coherence(db: Database, settings: Settings, replica: str) -> Coherence:
    if isinstance(db.store, SqliteStore):
        return SqliteCoherence(db.store.path, ledger_store.CHANGES, ledger_store.SIZE)
    from core.database.replicas import PostgresCoherence  # noqa: PLC0415 -- only where PostgreSQL is used

    watching = PostgresCoherence(
        db.store.url, replica, settings.gate.lease_seconds, ledger_store.CHANGES, ledger_store.SIZE
    )
    db.on_commit(watching.committed)
    return watching


def job_kinds(settings: Settings, db: Database, clock: Clock, notary: Notary, packs: PackSet) -> Mapping[str, JobKind]:
    """Return every job there is, with how often the periodic ones run."""
    seal = Seal(db, clock, notary.keyring, settings.ledger.origin, settings.store.checkpoint_file)

    async def purge_kept_answers(_: object) -> None:
        while await db.transact(store.purge, clock.now(), _PURGE_MOST) == _PURGE_MOST:
            pass

    async def purge_sign_ins(_: object) -> None:
        await db.transact(auth_store.purge_sign_ins, clock.now())

    return {
        "seal": JobKind(seal.run, every=settings.ledger.seal_seconds, in_each_process=True),
        "purge-kept-answers": JobKind(purge_kept_answers, every=_PURGE_EVERY),
        "tally": JobKind(Tally(db).run, every=_TALLY_EVERY),
        "purge-sign-ins": JobKind(purge_sign_ins, every=_PURGE_EVERY),
        "expire": JobKind(Expire(db, clock, notary).run, every=_EXPIRE_EVERY),
        "alarm": JobKind(Alarm(db, clock).run, every=_ALARM_EVERY),
        "disclose": JobKind(Disclose(db, clock, packs).run, every=_DISCLOSE_EVERY),
        "retain": JobKind(Retain(db, clock, packs).run, every=_RETAIN_EVERY),
    }


def desk_kinds(outgoing: Outgoing) -> Mapping[str, JobKind]:
    """Return the jobs that talk to help desks of others."""
    return {
        "desk-open": JobKind(outgoing.open),
        "desk-push": JobKind(outgoing.push),
        "desk-close": JobKind(outgoing.close),
        "desk-erase": JobKind(outgoing.erase),
        "desk-pull": JobKind(outgoing.pull, every=_PULL_EVERY, in_each_process=True),
    }


def propagating(
    settings: Settings, db: Database, clock: Clock, keyring: KeyRing, client: HttpClient
) -> Mapping[str, JobKind]:
    """Return the job that tells recipients of each no."""
    days = BusinessDays(settings.requests.time_zone, settings.requests.place)
    job = Propagate(db, clock, keyring, client, days)
    return {"propagate": JobKind(job.run, every=_PROPAGATE_EVERY, in_each_process=True)}


def _controllers(settings: Settings) -> Mapping[str, Controller]:
    """Return who stands on receipts of the one tenant that settings can describe."""
    named = settings.controller
    return {DEFAULT_TENANT: Controller(named.name, named.address, named.contact)}


def sign_in_of(settings: Settings, db: Database, keyring: KeyRing, client: HttpClient, clock: Clock) -> SignIn:
    """Return how staff sign in to the consoles: at the configured issuer, or by a printed link."""
    provider = None if settings.console.issuer is None else Provider(settings.console, client, clock)
    redirect_uri = f"{settings.serve.public_url.rstrip('/')}/console/callback"
    return SignIn(db, keyring, provider, settings.console, settings.auth, redirect_uri)


def casework_jobs(settings: Settings, db: Database, clock: Clock, keyring: KeyRing) -> Mapping[str, JobKind]:
    """Return the jobs of requests for an explanation: letters, words to source systems, late answers."""
    desk, mail, wanted = Desk(keyring, terms_of(settings)), settings.mail, settings.requests
    password = "" if mail.password is None else mail.password.get_secret_value()
    login = (mail.user, password) if mail.user else None
    post = Smtp(mail.server, mail.port, mail.sender, mail.encryption, login) if mail.server else None
    secret = b"" if wanted.webhook_secret is None else wanted.webhook_secret.get_secret_value().encode()
    told = Webhooks(HttpClient(wanted.webhook_private), clock, wanted.webhook_url, secret)
    return {
        LETTER: JobKind(Letters(db, clock, desk, post).run),
        WEBHOOK: JobKind(told.run),
        CLOSING: JobKind(Closing(db, clock, desk).run),
        "request-deadlines": JobKind(Deadlines(db, clock, desk).run, every=_EXPIRE_EVERY),
    }


def teller_of(settings: Settings, words: HttpClient) -> Teller:
    """Return what writes explanations' words: templates, and a language model's rephrasing where one is set up."""
    told, named = settings.rephrasing, settings.controller
    rephraser = None
    if told.base_url and told.model:
        key = None if told.key_file is None else told.key_file.read_text(encoding="utf-8").strip()
        rephraser = OpenAiWords(words, told.base_url, told.model, key, told.seconds)
    return Teller(Narrator(rephraser), {DEFAULT_TENANT: Sender(named.name, named.contact)})


def _gate(settings: Settings, db: Database, clock: Clock, coherence: Coherence) -> Gate:
    kept = settings.gate
    return Gate(db, clock, coherence, catalogue_at, most_subjects=kept.cached_subjects, ttl_seconds=kept.ttl_seconds)


def explainer_of(
    settings: Settings, db: Database, keyring: KeyRing, clock: Clock, models: HttpClient, teller: Teller
) -> Explainer:
    """Return what explains decisions; circuit breakers and bulkheads of endpoints belong to this process."""
    budget = Budget(settings.models.seconds, settings.models.run_seconds)
    return Explainer(db, keyring, clock, Asker(models, clock=clock), budget, teller)


def compose(settings: Settings, clock: Clock, keyring: KeyRing, *, with_jobs: bool = True) -> AppState:
    """Return the state of one Candor; its lifespan opens the store and the parts."""
    db, packs = database(settings), packs_of(settings)
    replica = f"rep_{secrets.token_hex(8)}"
    coherence = _coherence(db, settings, replica)
    client = HttpClient(settings.auth.allow_private_issuers)
    directory = Directory(
        db,
        keyring,
        clock,
        AccessTokens(settings.auth, client, clock),
        own_origin=of_url(settings.serve.public_url),
        current=coherence.current,
    )
    gate = _gate(settings, db, clock, coherence)
    coherence.listen(directory.listen)
    shelf = Shelf(db, clock, directory, coherence.current)
    coherence.listen(shelf.listen)
    models = HttpClient(settings.models.allow_private)
    words = HttpClient(settings.rephrasing.allow_private)
    explainer = explainer_of(settings, db, keyring, clock, models, teller_of(settings, words))
    notary = Notary(
        keyring, settings.consent, settings.serve.public_url, register.KNOWN, controllers=_controllers(settings)
    )
    bell = Bell(db, coherence if isinstance(coherence, Whispers) else None)
    desks, recipients = HttpClient(settings.handoff.allow_private), HttpClient(settings.consent.recipients_private)
    probes: list[Probe] = [LeaseProbe(coherence)]
    parts: list[Part] = [client, models, words, coherence, Uses(db, directory), desks, recipients, bell]
    if with_jobs:
        probes.append(SealProbe(db, clock))
        kinds = {
            **job_kinds(settings, db, clock, notary, packs),
            **casework_jobs(settings, db, clock, keyring),
            EXPLAIN: JobKind(explainer.work),
            "explanation-runs": JobKind(Runs(db, clock).run, every=_PURGE_EVERY),
        }
        kinds["route"] = JobKind(Route(db, clock, keyring, bell.changed).run, every=_ROUTE_EVERY, in_each_process=True)
        kinds |= propagating(settings, db, clock, keyring, recipients)
        kinds |= desk_kinds(Outgoing(db, clock, keyring, Posting(desks, settings.handoff.mail_from), bell.changed))
        parts.append(Jobs(Runner(db, clock, replica, kinds)))
    return AppState(
        settings,
        db,
        clock,
        keyring,
        directory,
        parts=tuple(parts),
        hung=bell,
        calling=desks,
        telling=recipients,
        probes=tuple(probes),
        explaining=explainer,
        models=models,
        traces=traces(settings.telemetry.otlp_endpoint),
        permissions=gate,
        sign_in=sign_in_of(settings, db, keyring, client, clock),
        choosing=notary,
        shelf=shelf,
        packs=packs,
    )
