"""The reasons as a bar chart, drawn by the server as SVG, with the same said in words for who can't see it. Pure.

Bars show shares of the push, longest first, without figures: a difference nobody is sure of must not look exact.
Where the order is open no picture is drawn at all (WCAG 1.1.1: ``title`` and ``desc`` name it).
"""

from markupsafe import Markup

from explanations.canonical import Explanation
from explanations.narratives.display import Names
from explanations.narratives.rendering import direction
from explanations.narratives.words import Locale
from explanations.reasons.service import Approved

_WIDTH, _ROW, _BAR, _LABEL = 640, 52, 16, 20
_LEAST = 4


def picture(explanation: Explanation, approved: Approved | None, language: str) -> Markup | None:
    """Return the chart of the ranked reasons, or nothing where there is nothing sure to be shown."""
    codes = explanation.reason_codes
    if (
        len(codes) < 2
        or not all(one.order_certain for one in codes)
        or "prohibited_in_topk" in explanation.quality.flags
    ):
        return None
    locale = Locale(language)
    names = Names(approved, locale)
    labels = [names.named(one) for one in codes]
    longest = max(one.share for one in codes)
    rtl = direction(locale.language) == "rtl"
    rows = Markup("").join(
        _row(place, label, max(_LEAST, round(_WIDTH * one.share / longest)), rtl=rtl)
        for place, (label, one) in enumerate(zip(labels, codes, strict=True))
    )
    title, told = locale.phrase("title.reasons"), ", ".join(labels)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" lang="{}" direction="{}" viewBox="0 0 {} {}"'
        ' aria-labelledby="reasons-title reasons-text"><title id="reasons-title">{}</title>'
        '<desc id="reasons-text">{}</desc>{}</svg>'
    ).format(locale.language, direction(locale.language), _WIDTH, _ROW * len(codes), title, told, rows)


def _row(place: int, label: str, width: int, *, rtl: bool) -> Markup:
    top = place * _ROW
    start, anchor = (_WIDTH - width, _WIDTH) if rtl else (0, 0)
    return Markup(
        '<text x="{}" y="{}" font-size="16" fill="currentColor">{}</text>'
        '<rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="currentColor" fill-opacity="0.75"/>'
    ).format(anchor, top + _LABEL - 4, label, start, top + _LABEL + 4, width, _BAR)
