"""Where the Tarnfield group's customers meet AI, and what they are told there, in English, German and Arabic."""

from typing import Any, Final, NamedTuple

from disclosures.notices.documents import NoticeDocument, NoticeText
from disclosures.notices.service import read_document

_LUMEN: Final = {"name": "Lumen Text GmbH", "contract": "LT-2025-118", "processing_agreement": "LT-DPA-2025-118"}
_VOXMERE: Final = {"name": "Voxmere B.V.", "contract": "VX-77", "processing_agreement": "VX-77-DPA"}
_COMMON: Final = {"owner": "Head of customer data", "approver": "Data protection officer"}

TOUCHPOINTS: Final[tuple[dict[str, Any], ...]] = (
    {
        "key": "shop-chat",
        "name": "Support chat",
        "texts": {
            "en": "A computer program answers first. A person takes over when you ask.",
            "de": "Zuerst antwortet ein Computerprogramm. Auf Wunsch übernimmt ein Mensch.",
            "ar": "يجيب برنامج حاسوبي أولًا. ويتولى شخص المحادثة عندما تطلب ذلك.",
        },
        "kind": "chatbot",
        "system": "support-chatbot",
        "purposes": ["support-chat", "ai-training"],
        "channels": ["web", "chat"],
        "sites": ["shop", "help"],
        "facts": ["direct_interaction", "generative"],
        "vendor": _LUMEN,
        "human_route": "support-team",
        **_COMMON,
    },
    {
        "key": "suggestions",
        "name": "Suggested products",
        "texts": {
            "en": "A program picks products from what you looked at.",
            "de": "Ein Programm wählt Produkte nach dem aus, was Sie angesehen haben.",
            "ar": "يختار برنامج منتجات مما تصفحته.",
        },
        "kind": "recommender",
        "system": "shop-recommender",
        "purposes": ["product-suggestions", "ad-profiling", "ad-sharing"],
        "channels": ["web", "app"],
        "sites": ["shop"],
        "no_human_route_reason": "The shop sorts by sales figures instead.",
        **_COMMON,
    },
    {
        "key": "review-summary",
        "name": "Summary of reviews",
        "texts": {
            "en": "A program sums up what customers wrote.",
            "de": "Ein Programm fasst zusammen, was Kunden geschrieben haben.",
            "ar": "يلخص برنامج ما كتبه العملاء.",
        },
        "kind": "content_generator",
        "system": "review-summariser",
        "purposes": ["product-suggestions"],
        "channels": ["web"],
        "sites": ["shop"],
        "facts": ["generative"],
        "vendor": _LUMEN,
        "no_human_route_reason": "The reviews are shown in full instead.",
        **_COMMON,
    },
    {
        "key": "credit-score",
        "name": "Pay later",
        "texts": {
            "en": "A program scores whether you can pay later. People look again if you ask.",
            "de": "Ein Programm bewertet, ob Sie später zahlen können. Auf Wunsch prüft ein Mensch nach.",
            "ar": "يقيّم برنامج ما إذا كان بإمكانك الدفع لاحقًا. ويراجع شخص ذلك إذا طلبت.",
        },
        "kind": "scorer",
        "system": "credit-scorer",
        "purposes": ["credit-decision", "fraud-screening"],
        "channels": ["web"],
        "sites": ["finance"],
        "facts": ["solely_automated", "significant_effect", "high_risk"],
        "human_route": "credit-desk",
        "assessments": [{"kind": "dpia", "reference": "DPIA-2026-04"}],
        **_COMMON,
    },
    {
        "key": "call-mood",
        "name": "Mood on the phone",
        "texts": {
            "en": "A program listens to how you sound, so that we call back sooner.",
            "de": "Ein Programm achtet darauf, wie Sie klingen, damit wir schneller zurückrufen.",
            "ar": "يستمع برنامج إلى نبرة صوتك لكي نعاود الاتصال بك سريعًا.",
        },
        "kind": "sentiment",
        "system": "call-sentiment",
        "purposes": ["call-mood"],
        "channels": ["voice"],
        "sites": ["help"],
        "emotion_or_biometrics": True,
        "vendor": _VOXMERE,
        "human_route": "support-team",
        **_COMMON,
    },
)


class DemoNotice(NamedTuple):
    """A notice before its translations name their source."""

    key: str
    kind: str
    touchpoints: tuple[str, ...]
    packs: tuple[str, ...]
    texts: dict[str, dict[str, Any]]  # English first: the others were made from it

    def document(self) -> NoticeDocument:
        """Return the notice, every translation with the hash of the English text."""
        source = NoticeText.model_validate(self.texts["en"]).sha256
        texts = {
            language: text if language == "en" else {**text, "translated_from": source}
            for language, text in self.texts.items()
        }
        return read_document(
            {
                "key": self.key,
                "kind": self.kind,
                "source_language": "en",
                "texts": texts,
                "touchpoints": self.touchpoints,
                "packs": self.packs,
            }
        )


NOTICES: Final = (
    DemoNotice(
        "chat-first-line",
        "ai_interaction",
        ("shop-chat",),
        ("eu", "us-ut", "us-me"),
        {
            "en": {
                "title": "You are talking to AI",
                "text": "You are talking to a computer program. It is not a person.",
                "more": "It can be wrong about prices and dates: check your order page, or ask a person.",
                "human": "Talk to a person",
                "label": "AI",
            },
            "de": {
                "title": "Sie sprechen mit KI",
                "text": "Sie sprechen mit einem Computerprogramm. Es ist kein Mensch.",
                "more": "Es kann sich bei Preisen und Terminen irren: Sehen Sie in Ihrer Bestellung nach oder fragen"
                " Sie einen Menschen.",
                "human": "Mit einem Menschen sprechen",
                "label": "KI",
            },
            "ar": {
                "title": "أنت تتحدث إلى ذكاء اصطناعي",
                "text": "أنت تتحدث إلى برنامج حاسوبي. إنه ليس شخصًا.",
                "more": "قد يخطئ في الأسعار والمواعيد: راجع صفحة طلبك أو اسأل شخصًا.",
                "human": "التحدث إلى شخص",
                "label": "ذكاء اصطناعي",
            },
        },
    ),
    DemoNotice(
        "review-label",
        "synthetic_content",
        ("review-summary",),
        ("eu",),
        {
            "en": {"title": "Written by AI", "text": "A program wrote this summary. Nobody checked it.", "label": "AI"},
            "de": {
                "title": "Von KI geschrieben",
                "text": "Ein Programm hat das zusammengefasst. Niemand hat es geprüft.",
                "label": "KI",
            },
            "ar": {
                "title": "كتبه ذكاء اصطناعي",
                "text": "كتب برنامج هذا الملخص. لم يراجعه أحد.",
                "label": "ذكاء اصطناعي",
            },
        },
    ),
    DemoNotice(
        "credit-notice",
        "automated_decision",
        ("credit-score",),
        ("eu",),
        {
            "en": {
                "title": "A program decides on pay later",
                "text": "A program decides whether you may pay later. You can ask a person to look again.",
                "human": "Ask a person",
                "elements": {
                    "existence": "A program decides alone at first.",
                    "logic": "It looks at your income, your past payments and how long we know you.",
                    "significance": "The result is yes or no to paying later.",
                    "consequences": "If it is no, you can still pay at once.",
                    "subject_to_use_of_high_risk_ai": "The law calls this a high-risk use of AI.",
                },
            },
            "de": {
                "title": "Ein Programm entscheidet über den Zahlungsaufschub",
                "text": "Ein Programm entscheidet, ob Sie später zahlen können. Ein Mensch prüft auf Wunsch nach.",
                "human": "Einen Menschen fragen",
                "elements": {
                    "existence": "Zuerst entscheidet ein Programm allein.",
                    "logic": "Es sieht auf Ihr Einkommen, frühere Zahlungen und wie lange wir Sie kennen.",
                    "significance": "Das Ergebnis ist ja oder nein zum späteren Zahlen.",
                    "consequences": "Bei nein können Sie weiterhin sofort zahlen.",
                    "subject_to_use_of_high_risk_ai": "Das Gesetz nennt das einen KI-Einsatz mit hohem Risiko.",
                },
            },
        },
    ),
    DemoNotice(
        "call-mood-notice",
        "emotion_or_biometrics",
        ("call-mood",),
        ("eu",),
        {
            "en": {
                "title": "A program listens to how you sound",
                "text": "A program listens to how you sound. You can say no, and we talk all the same.",
                "human": "Say person to talk to a person",
                "elements": {"operation_of_system": "It hears how fast and how loud you speak, not what you say."},
            },
            "de": {
                "title": "Ein Programm achtet darauf, wie Sie klingen",
                "text": "Ein Programm achtet darauf, wie Sie klingen. Sie können nein sagen; wir sprechen trotzdem.",
                "human": "Sagen Sie Mensch, um mit einem Menschen zu sprechen",
                "elements": {
                    "operation_of_system": "Es hört, wie schnell und wie laut Sie sprechen, nicht was Sie sagen."
                },
            },
        },
    ),
)


CLAIMS: Final[tuple[dict[str, Any], ...]] = (
    {
        "key": "answers-in-seconds",
        "statements": {"en": ["most questions are answered within ten seconds"]},
        "places": ["https://tarnfield.example/help"],
        "touchpoint": "shop-chat",
        "owner": "Head of customer data",
        "evidence": [{"kind": "measurement", "reference": "OPS-2026-07", "valid_until": "2099-06-30"}],
    },
    {
        "key": "speaks-forty-languages",
        "statements": {"en": ["it understands forty languages"], "de": ["es versteht vierzig Sprachen"]},
        "touchpoint": "shop-chat",
        "owner": "Head of customer data",
    },
)


def drafts() -> tuple[NoticeDocument, ...]:
    """Return next versions that wait: one fit to be approved, one whose translations are behind their source."""
    chat, label = NOTICES[0], NOTICES[1]
    more = {
        "en": "It can be wrong about prices, dates and stock: check your order page, or ask a person.",
        "de": "Es kann sich bei Preisen, Terminen und Beständen irren: Sehen Sie in Ihrer Bestellung nach oder fragen"
        " Sie einen Menschen.",
        "ar": "قد يخطئ في الأسعار والمواعيد والمخزون: راجع صفحة طلبك أو اسأل شخصًا.",
    }
    said_more = {language: {**text, "more": more[language]} for language, text in chat.texts.items()}
    before = label.document()
    english = before.texts["en"].model_copy(
        update={"text": "A program wrote this from all reviews. Nobody checked it."}
    )
    return (
        chat._replace(texts=said_more).document(),
        before.model_copy(update={"texts": {**before.texts, "en": english}}),
    )
