"""Which pack files are refused, how an operator's own packs are signed, and what differs between packs and days."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.cli import main
from api.startup import RefusedToStartError, packs_of
from core.settings import Settings
from disclosures.packs import differences, loading, signing
from disclosures.packs.documents import Pack
from disclosures.packs.durations import length
from disclosures.packs.errors import PackRefusedError
from disclosures.packs.loading import bundled

RULE = {"id": "xx.chat", "trigger": "ai_interaction", "from": "2026-01-01", "cite": "Act 1 s. 2", "conf": "A"}


def pack(rule: dict[str, Any] | None = None, **changes: Any) -> bytes:
    document = {
        "schema": "rulepack/1",
        "id": "xx",
        "name": "Somewhere",
        "verified_on": "2026-11-21",
        "status": "draft",
        "signed_off_by": None,
        "applies": {"places": ["XX"]},
        "disclosures": [RULE if rule is None else rule],
        **changes,
    }
    return json.dumps({name: value for name, value in document.items() if value != "absent"}).encode()


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in RULE.items() if key != name}


REFUSED = {
    "no source": (pack(without("cite")), "disclosures/0/cite"),
    "an empty source": (pack(RULE | {"cite": ""}), "disclosures/0/cite"),
    "no first day": (pack(without("from")), "disclosures/0/from"),
    "a first day that is none": (pack(RULE | {"from": "soon"}), "disclosures/0/from"),
    "no confidence": (pack(without("conf")), "disclosures/0/conf"),
    "an unknown confidence": (pack(RULE | {"conf": "D"}), "disclosures/0/conf"),
    "no day of verification": (pack(verified_on="absent"), "verified_on"),
    "an unknown field": (pack(RULE | {"colour": "red"}), "disclosures/0/colour"),
    "contested without advice": (pack(RULE | {"contested": True}), "contested"),
    "ends before it begins": (pack(RULE | {"until": "2025-01-01"}), "ends before it begins"),
    "not one of the disputed days": (pack(RULE | {"applies_from": ["2027-01-01"]}), "applies_from"),
    "twice": (pack(disclosures=[RULE, RULE]), "stands there twice"),
    "active without signature": (pack(status="active"), "signed_off_by"),
    "a reserved id": (pack(id="changes"), "can't have this id"),
    "no JSON": (b"{", "Invalid JSON"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_pack_that_may_not_be_relied_upon_is_refused(fault: str) -> None:
    raw, said = REFUSED[fault]
    with pytest.raises(PackRefusedError, match=said.replace("'", ".")):
        loading.read_pack(raw, "xx.json")


def test_a_rule_verified_by_itself_needs_no_date_of_its_pack() -> None:
    found = loading.read_pack(pack(RULE | {"verified_on": "2026-10-01"}, verified_on="absent"), "xx.json")

    assert found.verified(found.disclosures[0]) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (pack(RULE | {"trigger": "magic"}), "no touchpoint is known"),
        (pack(RULE | {"when": ["someday"]}), "no moment is known"),
        (pack(RULE | {"clock": "never"}), "there is no clock"),
        (pack(inherits=["yy"]), "which is not there"),
        (pack(RULE | {"id": "eu.aia50-1"}), "stands in"),
        (pack(RULE | {"from": "in_force", "legacy_until": "2027-01-01"}), "legacy_until"),
        (pack(applies={"unknown_place": True}), "exactly one pack"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "pack",
)
def test_a_pack_that_does_not_fit_the_others_is_refused(raw: bytes, said: str) -> None:
    files = {path.name: path.read_bytes() for path in loading.BUNDLED.glob("*.json")}
    packs = {name: text for name, text in files.items() if name not in {"clocks.json", "vocabulary.json"}}
    ours = bundled()
    with pytest.raises(PackRefusedError, match=said):
        loading.assembled(packs | {"zz.json": raw}, ours.clocks.values(), ours.vocabulary)


@pytest.mark.parametrize("fault", ["altered", "missing", "added"])
def test_an_altered_bundle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    folder = tmp_path / "bundled"
    shutil.copytree(loading.BUNDLED, folder)
    if fault == "altered":
        text = (folder / "us-ny.json").read_text(encoding="utf-8")
        (folder / "us-ny.json").write_text(text.replace("3h", "9h"), encoding="utf-8")
    elif fault == "missing":
        (folder / "us-ny.json").unlink()
    else:
        (folder / "xx.json").write_bytes(pack())
    monkeypatch.setattr(loading, "BUNDLED", folder)

    with pytest.raises(PackRefusedError):
        loading.with_folder(None, ())


def test_an_operators_pack_is_used_if_a_trusted_key_signed_exactly_this(tmp_path: Path) -> None:
    key, folder = tmp_path / "key.pem", tmp_path / "packs"
    folder.mkdir()
    public = signing.new_key(key)
    path = folder / "xx.json"
    path.write_bytes(pack())
    signing.sign(path, key)

    assert key.stat().st_mode & 0o777 == 0o600
    assert "xx" in loading.with_folder(folder, [public]).packs
    with pytest.raises(PackRefusedError, match="no trusted key"):
        loading.with_folder(folder, [signing.new_key(tmp_path / "other.pem")])
    path.write_bytes(pack(name="Elsewhere"))
    with pytest.raises(PackRefusedError, match="is not what"):
        loading.with_folder(folder, [public])
    signing.sign(path, key)
    assert loading.with_folder(folder, [public]).packs["xx"].name == "Elsewhere"
    path.with_name("xx.json.sig").unlink()
    with pytest.raises(PackRefusedError, match="is not signed"):
        loading.with_folder(folder, [public])


def test_candor_refuses_to_start_with_a_pack_that_nobody_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, path = tmp_path / "key.pem", tmp_path / "packs" / "xx.json"
    path.parent.mkdir()
    path.write_bytes(pack())
    monkeypatch.setenv("CANDOR__PACKS__FOLDER", str(path.parent))
    monkeypatch.setenv("CANDOR__PACKS__TRUSTED_KEYS", json.dumps([signing.new_key(key)]))

    with pytest.raises(RefusedToStartError, match="is not signed"):
        packs_of(Settings())
    assert CliRunner().invoke(main, ["packs", "list"]).exit_code == 2
    signing.sign(path, key)
    assert "xx" in packs_of(Settings()).packs


def test_an_operators_pack_replaces_the_bundled_one_of_its_id(tmp_path: Path) -> None:
    public = signing.new_key(tmp_path / "key.pem")
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "mine.json").write_bytes(pack(RULE | {"id": "me.own"}, id="us-me", applies={"places": ["US-ME"]}))
    signing.sign(folder / "mine.json", tmp_path / "key.pem")

    found = loading.with_folder(folder, [public])

    assert [rule.id for rule in found.packs["us-me"].rules] == ["me.own"]
    assert len(found.packs) == len(bundled().packs)


def test_the_command_line_signs_verifies_and_compares(tmp_path: Path) -> None:
    run = CliRunner()
    first, second, key = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "key.pem"
    first.write_bytes(pack())
    second.write_bytes(pack(RULE | {"conf": "B"}))
    public = run.invoke(main, ["packs", "keygen", str(key)]).output.strip()

    assert run.invoke(main, ["packs", "keygen", str(key)]).exit_code == 2
    assert run.invoke(main, ["packs", "sign", str(first), "--key", str(key)]).exit_code == 0
    good = run.invoke(main, ["packs", "verify", str(first), "--key", public])
    assert (good.exit_code, good.output) == (0, "a.json is signed and complete: xx, 1 rules.\n")
    assert run.invoke(main, ["packs", "verify", str(second), "--key", public]).exit_code == 2
    assert run.invoke(main, ["packs", "diff", str(first), str(second)]).output == "changed  xx.chat: conf\n"
    listed = run.invoke(main, ["packs", "list"]).output.splitlines()
    assert len(listed) == len(bundled().packs)


def test_a_changed_pack_names_the_rules_it_affects() -> None:
    before = bundled().packs["us-ny"]
    changed = before.disclosures[0].model_copy(update={"fixed_text": "ALGORITHMIC PRICE"})
    added = before.disclosures[1].model_copy(update={"id": "ny.new"})
    after: Pack = before.model_copy(update={"disclosures": (changed, added)})

    assert [(one.rule, one.what, one.fields) for one in differences.affected(before, after)] == [
        ("ny.companion", "removed", ()),
        ("ny.new", "added", ()),
        ("ny.price", "changed", ("fixed_text",)),
    ]
    assert differences.affected(before, before) == []


def test_a_pack_verified_again_affects_all_its_rules_that_have_a_source() -> None:
    before = bundled().packs["cn"]
    after = before.model_copy(update={"verified_on": date(2027, 1, 1)})

    affected = {one.rule for one in differences.affected(before, after)}
    assert affected == {rule.id for rule in before.rules if rule.conf != "M"}


def test_what_begins_between_two_days_is_told_in_order() -> None:
    turns = differences.between(bundled(), date(2026, 11, 21), date(2027, 1, 1))

    assert [turn.on for turn in turns] == sorted(turn.on for turn in turns)
    told = {(turn.rule.id, turn.what): turn.on.isoformat() for turn in turns}
    assert told["eu.aia50-2", "legacy-ends"] == "2026-12-03"
    assert told["au.1-7", "begins"] == "2026-12-10"
    assert told["ca.admt-preuse", "begins"] == "2027-01-01"
    assert ("eu.aia26-11", "begins") not in told
    assert differences.between(bundled(), date(2027, 1, 1), date(2027, 1, 1)) == []


@pytest.mark.parametrize(
    ("short", "long"), [("72h", "10bd"), ("10bd", "15d"), ("30d", "1mo"), ("1mo", "45d"), ("12mo", "3y")]
)
def test_lengths_of_different_units_are_compared(short: str, long: str) -> None:
    assert length(short).days < length(long).days


@pytest.mark.parametrize("text", ["", "0d", "1w", "d", "-1d", "1.5h"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no length"):
        length(text)
