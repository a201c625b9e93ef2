"""The chart of reasons: drawn only where the order is sure, the same in words, and never markup of somebody else."""

from xml.etree import ElementTree as ET

import pytest

from explanations.narratives.picture import picture
from tests.explanations.narratives.telling import narrated
from tests.explanations.reasons.explaining import PUSHES, explained
from tests.explanations.reasons.tabling import approved, table_values

pytestmark = pytest.mark.anyio
_SVG = "{http://www.w3.org/2000/svg}"


async def drawn(
    language: str = "en", pushes: dict[str, float] | None = None, stderr: float | None = 0.001
) -> ET.Element:
    """Return the chart of the credit model's reasons."""
    told = await narrated(explained(pushes or PUSHES, stderr))
    made = picture(told.explanation, approved(), language)
    assert made is not None
    return ET.fromstring(made)


async def test_bars_stand_in_the_order_and_proportion_of_the_reasons() -> None:
    chart = await drawn()
    bars = [float(one.get("width", "0")) for one in chart.iter(f"{_SVG}rect")]
    labels = [one.text for one in chart.iter(f"{_SVG}text")]

    assert bars == sorted(bars, reverse=True)
    assert bars[1] / bars[0] == pytest.approx(0.12 / 0.2, abs=0.01)
    assert labels == [
        "the term of the loan",
        "the amount of the loan",
        "your accounts",
        "the time in your present job",
    ]


async def test_who_can_not_see_it_is_told_the_same() -> None:
    chart = await drawn("de")
    labels = [one.text for one in chart.iter(f"{_SVG}text")]

    assert chart.get("role") == "img"
    assert chart.findtext(f"{_SVG}title") == "Die wichtigsten Gründe"
    assert chart.findtext(f"{_SVG}desc") == ", ".join(str(one) for one in labels)
    assert not any(char.isdigit() for char in "".join(chart.itertext()))


async def test_arabic_bars_begin_at_the_right() -> None:
    chart = await drawn("ar")

    assert chart.get("direction") == "rtl"
    assert {float(one.get("x", "0")) + float(one.get("width", "0")) for one in chart.iter(f"{_SVG}rect")} == {640.0}


@pytest.mark.parametrize("case", ["uncertain", "one reason", "stopped"])
async def test_where_nothing_is_sure_nothing_is_drawn(case: str) -> None:
    made = {
        "uncertain": explained(stderr=None),
        "one reason": explained({"duration": 0.2}),
        "stopped": explained({**PUSHES, "age": 0.5}),
    }[case]

    assert picture((await narrated(made)).explanation, approved(), "en") is None


async def test_labels_are_escaped() -> None:
    values = table_values()
    values["reasons"][0]["texts"]["en"]["label"] = 'a & "b"'
    table = approved(reasons=values["reasons"])
    made = picture((await narrated(table=table)).explanation, table, "en")

    assert made is not None
    assert "a & " not in made
    assert next(ET.fromstring(made).iter(f"{_SVG}text")).text == 'a & "b"'
