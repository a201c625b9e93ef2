"""The fictional Tarnfield group: its sites and its AI systems. Names under ``.example`` belong to nobody (RFC 2606)."""

from typing import Any, NamedTuple

TENANT = "default"
COMPANY = "Tarnfield Group"
AUTHORITY = "the Data Protection Commission, 6 Pembroke Row, Dublin 2"
LANGUAGES = ("en", "de", "ar")


class DemoSite(NamedTuple):
    """A web property of the group."""

    slug: str
    name: str
    origin: str


class DemoSystem(NamedTuple):
    """An AI system: for what it works, who made it, and who takes over if the person says no."""

    key: str
    name: str
    provider: str
    role: str
    purposes: tuple[str, ...]
    channels: tuple[str, ...]
    model: tuple[str, str]
    risk_class: str
    contact: str
    human_route: str | None = None
    no_human_reason: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the system as the JSON values of ``disclosures.documents.SystemDocument``."""
        model, version = self.model
        return {
            "key": self.key,
            "name": self.name,
            "provider": self.provider,
            "role": self.role,
            "purposes": self.purposes,
            "channels": self.channels,
            "versions": [{"model": model, "version": version}],
            "human_alternative": self.human_route,
            "no_human_alternative_reason": self.no_human_reason,
            "owner": "Head of customer data",
            "contact": self.contact,
            "risk_class": self.risk_class,
        }


SITES = (
    DemoSite("shop", "Tarnfield Shop", "https://shop.tarnfield.example"),
    DemoSite("finance", "Tarnfield Finance", "https://finance.tarnfield.example"),
    DemoSite("help", "Tarnfield Help", "https://help.tarnfield.example"),
)

SYSTEMS = (
    DemoSystem(
        key="shop-recommender",
        name="Shop recommender",
        provider="Tarnfield Group",
        role="provider",
        purposes=("product-suggestions", "ad-profiling", "ad-sharing", "ai-training"),
        channels=("web", "app"),
        model=("two-tower ranker", "2026.3"),
        risk_class="minimal",
        contact="shop@tarnfield.example",
        no_human_reason="The shop sorts by sales figures instead.",
    ),
    DemoSystem(
        key="review-summariser",
        name="Review summariser",
        provider="Lumen Text GmbH",
        role="deployer",
        purposes=("product-suggestions", "ai-training"),
        channels=("web",),
        model=("lumen-text-small", "4.1"),
        risk_class="limited",
        contact="shop@tarnfield.example",
        no_human_reason="The reviews are shown in full instead.",
    ),
    DemoSystem(
        key="support-chatbot",
        name="Support chatbot",
        provider="Lumen Text GmbH",
        role="deployer",
        purposes=("support-chat", "ai-training"),
        channels=("web", "chat"),
        model=("lumen-text-large", "4.1"),
        risk_class="limited",
        contact="people@tarnfield.example",
        human_route="support-team",
    ),
    DemoSystem(
        key="credit-scorer",
        name="Credit scorer",
        provider="Tarnfield Finance",
        role="provider",
        purposes=("credit-decision", "fraud-screening"),
        channels=("web", "internal"),
        model=("gradient boosted trees", "2026-02"),
        risk_class="high",
        contact="credit-desk@tarnfield.example",
        human_route="credit-desk",
    ),
    DemoSystem(
        key="call-sentiment",
        name="Call sentiment",
        provider="Voxmere B.V.",
        role="deployer",
        purposes=("call-mood",),
        channels=("voice",),
        model=("voxmere prosody", "11"),
        risk_class="high",
        contact="people@tarnfield.example",
        human_route="support-team",
    ),
)
