"""What the choices page shows, as facts ready to be put into words; made by ``reading``, shown by the templates."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Text(NamedTuple):
    """A text of the operator and the language it is really in."""

    text: str
    language: str

    def __str__(self) -> str:
        """Return the text itself."""
        return self.text


@dataclass(frozen=True, slots=True)
class Why:
    """One reason behind a state: the key of its words, and its day where the words name one."""

    key: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How something stands for this person (``on``, ``off``, ``waiting``, ``open``), why, and the pressed button."""

    state: str
    why: tuple[Why, ...]
    pressed: str | None = None  # "yes", "no" or None: never preselected


@dataclass(frozen=True, slots=True)
class PurposeRow:
    """One use of AI: the operator's texts in the page's language, and how it stands."""

    key: str
    version: int
    published_at: int
    name: Text
    sentence: Text
    logic: Text | None
    consequences: Text | None
    withdrawal: Text | None
    basis: str
    categories: tuple[Text, ...]
    recipients: tuple[Text, ...]
    transfers: tuple[Text, ...]
    retention: str  # ISO 8601 duration
    validity: str | None  # ISO 8601 duration
    mechanism: str
    explicit: bool
    sensitive: bool
    gpc: bool
    systems: tuple[Text, ...]
    standing: Standing
    pending: str | None = None  # the choice to be confirmed


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One AI system of the site and how it stands."""

    key: str
    name: Text
    provider: Text
    purposes: tuple[Text, ...]
    contact: Text | None  # of the people who take over, if any do
    no_human_reason: Text | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the history."""

    at: int
    seq: int
    event: str
    what: Text | str  # a text, or the key of the page's own word for "all"
    actor: str
    voice: str  # human or machine
    receipt: str | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One receipt to download."""

    id: str
    issued_at: int


@dataclass(frozen=True, slots=True)
class Done:
    """What the last button did, read back from the record; ``seq`` is None if nothing had to change."""

    what: Text | str | None
    event: str | None = None
    effect: str | None = None
    seq: int | None = None
    at: int | None = None
    receipt: str | None = None
    place: str = ""  # the id of its row on the page


@dataclass(frozen=True, slots=True)
class Signal:
    """Global Privacy Control as it was honoured in this request."""

    off: tuple[Text, ...]
    kept: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language of the site, for the switch."""

    code: str
    name: str
    current: bool


@dataclass(frozen=True, slots=True)
class ChoicesPage:
    """All that one page shows."""

    site: str
    site_name: str
    language: str
    languages: tuple[Tongue, ...]
    who: str  # nobody, device, customer, or account where only customers may choose
    everything: Standing
    uses: tuple[PurposeRow, ...]
    systems: tuple[SystemRow, ...]
    history: tuple[Happening, ...] = ()
    older: int | None = None  # the entry to go on before
    receipts: tuple[ReceiptRow, ...] = ()
    signal: Signal | None = None
    done: Done | None = None
    texts: dict[str, str] = field(default_factory=dict)  # SHA-256 of what is shown of each use
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Return the page's own path."""
        return f"/t/{self.site}/{self.language}/choices"
