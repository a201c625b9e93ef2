"""The fictional Tarnfield group: its sites and its AI systems. Names under ``.example`` belong to nobody (RFC 2606)."""

from typing import NamedTuple

TENANT = "default"
COMPANY = "Tarnfield Group"
LANGUAGES = ("en", "de", "ar")


class DemoSite(NamedTuple):
    """A web property of the group."""

    slug: str
    name: str
    origin: str


class DemoSystem(NamedTuple):
    """An AI system: where it works, for what, and who takes over if the person says no."""

    key: str
    sites: tuple[str, ...]
    purposes: tuple[str, ...]
    provider: str
    human_route: str | None
    names: dict[str, str]
    texts: dict[str, str]
    routes: dict[str, str]


SITES = (
    DemoSite("shop", "Tarnfield Shop", "https://shop.tarnfield.example"),
    DemoSite("finance", "Tarnfield Finance", "https://finance.tarnfield.example"),
    DemoSite("help", "Tarnfield Help", "https://help.tarnfield.example"),
)

SYSTEMS = (
    DemoSystem(
        key="shop-recommender",
        sites=("shop",),
        purposes=("product-suggestions", "ad-profiling", "ad-sharing", "ai-training"),
        provider="Tarnfield Group",
        human_route=None,
        names={"en": "Product picker", "de": "Produktauswahl", "ar": "منتقي المنتجات"},
        texts={
            "en": "Sorts products in the shop and picks those shown first.",
            "de": "Sortiert Produkte im Shop und wählt aus, welche zuerst erscheinen.",
            "ar": "يرتّب المنتجات في المتجر ويختار ما يظهر منها أولًا.",
        },
        routes={},
    ),
    DemoSystem(
        key="review-summariser",
        sites=("shop",),
        purposes=("product-suggestions", "ai-training"),
        provider="Lumen Text GmbH",
        human_route=None,
        names={"en": "Review summariser", "de": "Bewertungs-Zusammenfasser", "ar": "ملخّص المراجعات"},
        texts={
            "en": "Reads customers' reviews and writes the short summary above them.",
            "de": "Liest die Bewertungen und schreibt die kurze Zusammenfassung darüber.",
            "ar": "يقرأ مراجعات العملاء ويكتب الملخص القصير فوقها.",
        },
        routes={},
    ),
    DemoSystem(
        key="credit-scorer",
        sites=("finance",),
        purposes=("credit-decision", "fraud-screening"),
        provider="Tarnfield Finance",
        human_route="credit-desk",
        names={"en": "Credit scorer", "de": "Kreditprüfer", "ar": "مُقيِّم الائتمان"},
        texts={
            "en": "Estimates how likely an instalment plan will be paid back.",
            "de": "Schätzt, wie wahrscheinlich eine Ratenzahlung zurückgezahlt wird.",
            "ar": "يقدّر مدى احتمال سداد خطة التقسيط.",
        },
        routes={"en": "the credit desk", "de": "die Kreditabteilung", "ar": "قسم الائتمان"},
    ),
    DemoSystem(
        key="support-chatbot",
        sites=("help", "shop"),
        purposes=("support-chat", "ai-training"),
        provider="Lumen Text GmbH",
        human_route="support-team",
        names={"en": "Support chatbot", "de": "Support-Chatbot", "ar": "روبوت الدعم"},
        texts={
            "en": "Answers questions about orders, returns and bills in the chat.",
            "de": "Beantwortet im Chat Fragen zu Bestellungen, Rückgaben und Rechnungen.",
            "ar": "يجيب في الدردشة عن أسئلة الطلبات والإرجاع والفواتير.",
        },
        routes={"en": "the support team", "de": "das Support-Team", "ar": "فريق الدعم"},
    ),
    DemoSystem(
        key="call-sentiment",
        sites=("help",),
        purposes=("call-mood",),
        provider="Voxmere B.V.",
        human_route="support-team",
        names={"en": "Call mood reader", "de": "Stimmungserkennung im Anruf", "ar": "قارئ المزاج في المكالمات"},
        texts={
            "en": "Listens to how you sound on the phone and shows our staff a mood.",
            "de": "Hört, wie Sie am Telefon klingen, und zeigt unserem Personal eine Stimmung.",
            "ar": "يستمع إلى نبرة صوتك في الهاتف ويعرض لموظفينا مزاجًا.",
        },
        routes={"en": "the support team", "de": "das Support-Team", "ar": "فريق الدعم"},
    ),
)
