"""All settings in one frozen object, filled from ``CANDOR__SECTION__FIELD`` (docs/settings.md is generated).

Built once by the command line and passed down; no room keeps an instance of its own. Secrets are no
settings: they live in the key file (``core/keys.py``); a database URL may come from a file (``STORE__URL_FILE``).
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Section(BaseModel):
    """A frozen group of settings; an unknown name is an error, not a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreSettings(Section):
    """Where records are kept."""

    url: SecretStr = Field(
        SecretStr("sqlite:///var/candor.db"),
        description="`sqlite:///FILE` (embedded default) or `postgresql://user:password@host:port/name`.",
    )
    url_file: Path | None = Field(None, description="A file that holds the URL; wins over `url`.")
    keys_file: Path = Field(
        Path("var/candor.keys"),
        description="The key file, mode 0600, outside the database.",
    )
    checkpoint_file: Path | None = Field(
        Path("var/candor.checkpoints"),
        description="Signed checkpoints are appended here too; best on another host.",
    )
    batch_limit: int = Field(256, ge=1, le=4096, description="Most works committed together.")
    read_connections: int = Field(8, ge=1, le=64, description="Connections for reads (PostgreSQL).")
    statement_timeout_ms: int = Field(5000, ge=100, description="A statement longer than this fails (PostgreSQL).")


class ServeSettings(Section):
    """How the server listens and what it accepts."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8787, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    mode: Literal["embedded", "production"] = Field(
        "embedded",
        description="`production` makes no keys by itself and refuses unsafe settings.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8787",
        description="The address others reach this service by; part of receipts.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        ("127.0.0.1", "localhost"),
        description="Host headers that are answered; others get 421.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="Peers whose X-Forwarded-For is believed; none by default."
    )
    body_limit: int = Field(65_536, ge=1024, description="Largest request body in bytes.")
    bulk_body_limit: int = Field(
        1_048_576,
        ge=1024,
        description="Largest body of batch and import routes in bytes.",
    )
    head_seconds: float = Field(5.0, gt=0, description="Time within which a request's head must be complete.")
    body_seconds: float = Field(10.0, gt=0, description="Time within which a request's body must be complete.")


class GateSettings(Section):
    """The permission check."""

    ttl_seconds: int = Field(
        0,
        ge=0,
        le=300,
        description="How long a caller may reuse an answer; 0 = ask each time.",
    )
    cached_subjects: int = Field(
        1_000_000,
        ge=0,
        description="Most subjects kept in memory; about 250 bytes each.",
    )
    lease_seconds: float = Field(
        2.0,
        gt=0.2,
        le=60,
        description="A replica cut off for this long stops answering.",
    )


class LedgerSettings(Section):
    """The tamper-evident log."""

    origin: str = Field(
        "candor.example/ledger",
        description="The log's name in checkpoints (C2SP origin line).",
    )
    seal_seconds: float = Field(0.5, gt=0, le=60, description="Longest time between a write and its checkpoint.")


class ConsentSettings(Section):
    """Choices."""

    ask_again_days: int = Field(365, ge=1, description="After a refusal nobody is asked again for this long.")
    second_step_hours: int = Field(24, ge=1, description="Time to confirm an explicit choice.")
    backdate_seconds: int = Field(
        300,
        ge=0,
        description="How far `occurred_at` may lie before now when not imported.",
    )
    recipients_private: tuple[str, ...] = Field((), description="host:port of recipients on private networks.")


class ControllerSettings(Section):
    """Who decides over the data: the party that receipts name (GDPR Art. 4(7), ISO/IEC TS 27560)."""

    name: str = Field("This company", description="Your company's name, as it stands on receipts.")
    address: str = Field("", description="Its postal address.")
    contact: str = Field("", description="How people reach it about their data: an address or a page.")


class PackSettings(Section):
    """Rule packs beside those that ship with the release (docs/packs.md)."""

    folder: Path | None = Field(None, description="A folder of your own signed rule packs, `*.json` with `*.json.sig`.")
    trusted_keys: tuple[str, ...] = Field((), description="Public keys that may sign them; `candor packs keygen`.")


class AuthSettings(Section):
    """Who may call."""

    issuers: tuple[str, ...] = Field((), description="OIDC issuers whose access tokens are accepted.")
    audience: str = Field("candor", description="The audience access tokens must name.")
    roles_claim: str = Field("roles", description="The claim that lists a person's roles.")
    tenant_claim: str = Field("tenant", description="The claim that names the tenant; absent means `default`.")
    leeway_seconds: int = Field(30, ge=0, le=60, description="Clock difference tolerated in tokens.")
    allow_plain_jwt_type: bool = Field(False, description="Accept access tokens of type `JWT` (not RFC 9068).")
    allow_private_issuers: tuple[str, ...] = Field((), description="host:port of issuers on private networks.")


class ConsoleSettings(Section):
    """The consoles of staff: who may sign in, and for how long (docs/consoles.md)."""

    issuer: str | None = Field(
        None, description="OIDC issuer staff sign in with; without it a one-time link, here only."
    )
    client_id: str = Field("candor-console", description="The client that the issuer knows the consoles as.")
    client_secret_file: Path | None = Field(None, description="A file that holds the client's secret; none if public.")
    scope: str = Field("openid profile", description="What is asked of the issuer at sign-in.")
    role_map: tuple[str, ...] = Field(
        (), description="`word=role` pairs: what a word of the roles claim stands for, such as `privacy-team=dpo`."
    )
    idle_minutes: int = Field(30, ge=1, le=480, description="A session nobody uses ends after this long.")
    longest_hours: int = Field(8, ge=1, le=24, description="A session ends after this long in any case.")
    fresh_minutes: int = Field(10, ge=1, le=60, description="Exports and erasures need a sign-in no older than this.")


class ModelSettings(Section):
    """Deployed models that are asked for explanations (docs/adapters.md)."""

    allow_private: tuple[str, ...] = Field((), description="host:port of model servers on private networks.")
    seconds: float = Field(2.0, gt=0, le=30, description="Time for an explanation that somebody waits for.")
    run_seconds: float = Field(60.0, gt=0, le=3600, description="Time for an explanation that is queued.")


class RephrasingSettings(Section):
    """A language model that may put reasons into other words; off without `base_url` and `model` (docs/reasons.md)."""

    base_url: str = Field("", description="An OpenAI-compatible API, such as `https://llm.example/v1`; empty: off.")
    model: str = Field("", description="The model's name there.")
    key_file: Path | None = Field(None, description="A file that holds the API key, if one is needed.")
    seconds: float = Field(
        8.0, gt=0, le=60, description="Longest time for one answer; then the template's words stand."
    )
    allow_private: tuple[str, ...] = Field((), description="host:port of such an API on a private network.")


class RequestSettings(Section):
    """Requests for an explanation (docs/explanation-requests.md)."""

    time_zone: str = Field("UTC", description="Whose days count for legal clocks: an IANA name.")
    place: str | None = Field(None, description="Where people live if they don't say: `DE`, `EU`, `US-CA`.")
    sectors: tuple[str, ...] = Field((), description="Your sectors, as rule packs name them: `consumer_credit`.")
    notices_for: tuple[str, ...] = Field(
        (), description="Places whose laws have adverse decisions explained unasked: `US`, `US-CO`."
    )
    authority: str = Field("", description="The authority people can complain to, with its address.")
    contest_days: int = Field(183, ge=1, le=3660, description="How long an answer can be contested.")
    link_days: int = Field(90, ge=1, le=366, description="How long links in letters hold.")
    code_minutes: int = Field(15, ge=1, le=60, description="How long a code holds.")
    code_attempts: int = Field(5, ge=1, le=20, description="Wrong attempts that void a code.")
    codes_a_day: int = Field(5, ge=1, le=50, description="Codes sent for one request in a day.")
    blind_review: bool = Field(False, description="Reviewers note a view before they see the AI system's output.")
    review_training: bool = Field(False, description="Only staff with a valid record of training review.")
    quick_review_seconds: int = Field(60, ge=1, description="A median review below this may be a rubber stamp.")
    rubber_stamp_reviews: int = Field(10, ge=2, description="Reviews from which the alarm counts.")
    incident_overturns: int = Field(3, ge=2, description="Overturns with one cause that open an incident.")
    incident_days: int = Field(30, ge=1, le=366, description="Within how many days.")
    webhook_url: str = Field("", description="Where overturned decisions and incidents are sent; empty for nowhere.")
    webhook_secret: SecretStr | None = Field(None, description="What the webhook's signature is made with.")
    webhook_private: tuple[str, ...] = Field((), description="host:port of a webhook on a private network.")


class MailSettings(Section):
    """Letters by e-mail."""

    server: str = Field("", description="SMTP server; without one no letter is sent, and each request says so.")
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    encryption: Literal["starttls", "tls", "none"] = Field("starttls", description="`none` only on this machine.")
    user: str = Field("", description="Its user; empty for none.")
    password: SecretStr | None = Field(None, description="Its password.")
    sender: str = Field("candor@localhost", description="The address letters come from.")


class HandoffSettings(Section):
    """Handing over to people, and help desks of others (docs/desks.md)."""

    allow_private: tuple[str, ...] = Field((), description="host:port of help desks on private networks.")
    mail_from: str = Field("candor@localhost", description="The sender of letters to a mailbox that serves as a desk.")


class LimitSettings(Section):
    """Rates; one token bucket (GCRA) for each credential or address."""

    customer_per_minute: int = Field(120, ge=1, le=30_000_000, description="Requests a browser may make in a minute.")
    machine_per_minute: int = Field(
        60_000,
        ge=1,
        le=30_000_000,
        description="Requests a machine or staff credential may make in a minute.",
    )
    gate_limited: bool = Field(False, description="Apply the machine limit to the permission check too.")


class TelemetrySettings(Section):
    """What operators see."""

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe level logged.")
    metrics_token: SecretStr | None = Field(None, description="Bearer token for /metrics; without it loopback only.")
    otlp_endpoint: str | None = Field(None, description="OpenTelemetry collector; off when empty.")


class Settings(BaseSettings):
    """Every setting of one running Candor."""

    model_config = SettingsConfigDict(
        env_prefix="CANDOR__",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    store: StoreSettings = Field(default_factory=StoreSettings)
    serve: ServeSettings = Field(default_factory=ServeSettings)
    gate: GateSettings = Field(default_factory=GateSettings)
    ledger: LedgerSettings = Field(default_factory=LedgerSettings)
    consent: ConsentSettings = Field(default_factory=ConsentSettings)
    controller: ControllerSettings = Field(default_factory=ControllerSettings)
    packs: PackSettings = Field(default_factory=PackSettings)
    auth: AuthSettings = Field(default_factory=AuthSettings)
    console: ConsoleSettings = Field(default_factory=ConsoleSettings)
    models: ModelSettings = Field(default_factory=ModelSettings)
    rephrasing: RephrasingSettings = Field(default_factory=RephrasingSettings)
    requests: RequestSettings = Field(default_factory=RequestSettings)
    mail: MailSettings = Field(default_factory=MailSettings)
    handoff: HandoffSettings = Field(default_factory=HandoffSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)

    def database_url(self) -> str:
        """Return the database URL, from its file when one is named."""
        if self.store.url_file is not None:
            return self.store.url_file.read_text(encoding="utf-8").strip()
        return self.store.url.get_secret_value()


def reference_table() -> str:
    """Return docs/settings.md's table: variable, default and meaning of every setting, as Markdown."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for section_name, section in Settings.model_fields.items():
        kind = section.annotation
        if not (isinstance(kind, type) and issubclass(kind, Section)):
            raise TypeError(f"settings section {section_name} is not a Section")
        for name, field in kind.model_fields.items():
            shown = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
            shown = ", ".join(shown) if isinstance(shown, tuple) else shown
            default = "" if shown is None or shown == "" else f"`{shown}`"
            variable = f"CANDOR__{section_name}__{name}".upper()
            lines.append(f"| `{variable}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"
