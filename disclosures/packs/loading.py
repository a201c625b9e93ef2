"""Reads rule packs and refuses what may not be relied upon (RUL-01).

The bundled packs are checked against a manifest of SHA-256 digests; an operator's packs against an Ed25519 signature
by a key the operator trusts (``signing.py``, docs/decisions/0011).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ValidationError

from disclosures.packs import signing
from disclosures.packs.documents import Clocks, Disclosure, LegalClock, Pack, Right, Rule
from disclosures.packs.errors import PackRefusedError
from disclosures.packs.vocabulary import LEGACY, Vocabulary

BUNDLED = Path(__file__).with_name("bundled")
MANIFEST = "MANIFEST.sha256"
OTHER = "other"
RESERVED = frozenset({"changes"})  # part of addresses
_NOT_PACKS = frozenset({"clocks.json", "vocabulary.json"})


@dataclass(frozen=True)
class PackSet:
    """The packs of an installation with what they refer to. ``digests`` is SHA-256 of each pack's file, in hex."""

    packs: Mapping[str, Pack]
    clocks: Mapping[str, LegalClock]
    vocabulary: Vocabulary
    digests: Mapping[str, str]

    def facts(self) -> frozenset[str]:
        """Return every fact a question may state about a touchpoint."""
        rules = [rule for pack in self.packs.values() for rule in pack.disclosures]
        exemptions = {word for rule in rules for word in (*rule.exempt, *((rule.unless,) if rule.unless else ()))}
        return self.vocabulary.facts() | exemptions | {LEGACY}

    def sectors(self) -> frozenset[str]:
        """Return every sector that some pack depends on, and a word for all others."""
        return frozenset(sector for pack in self.packs.values() for sector in pack.applies.sectors) | {OTHER}

    def contracts(self) -> frozenset[str]:
        """Return every way to conclude a contract that some pack depends on, and a word for all others."""
        return frozenset(way for pack in self.packs.values() for way in pack.applies.contracts) | {OTHER}

    def rule(self, rule_id: str) -> tuple[Pack, Rule] | None:
        """Return a rule and its pack."""
        for pack in self.packs.values():
            for rule in pack.rules:
                if rule.id == rule_id:
                    return pack, rule
        return None


def _refusal(name: str, error: ValidationError) -> PackRefusedError:
    faults = error.errors(include_input=False, include_url=False)
    told = "; ".join(f"{'/'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults[:5])
    return PackRefusedError(f"{name}: {told}")


def read(kind: type[BaseModel], raw: bytes, name: str) -> BaseModel:
    """Read one file as ``kind``. Raises ``PackRefusedError`` naming the first faults by their place."""
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        raise _refusal(name, error) from error


def read_pack(raw: bytes, name: str) -> Pack:
    """Read one pack by itself; ``assembled`` checks it against the others. Raises ``PackRefusedError``."""
    pack = read(Pack, raw, name)
    if not isinstance(pack, Pack) or pack.id in RESERVED:
        raise PackRefusedError(f"{name}: a pack can't have this id")
    if pack.status == "active" and pack.signed_off_by is None:
        raise PackRefusedError(f"{name}: an active pack needs signed_off_by")
    seen: set[str] = set()
    for rule in pack.rules:
        if rule.verified_on is None and pack.verified_on is None:
            raise PackRefusedError(f"{name}: {rule.id} has no verified_on, and neither has the pack")
        if rule.id in seen:
            raise PackRefusedError(f"{name}: {rule.id} stands there twice")
        if rule.contested and not rule.recommend:
            raise PackRefusedError(f"{name}: {rule.id} is contested, but recommend does not say what to do")
        if rule.applies_from and rule.effective not in rule.applies_from:
            raise PackRefusedError(f"{name}: {rule.id} has to take one of the dates in applies_from as its from")
        if rule.until is not None and rule.effective != "in_force" and rule.until < rule.effective:
            raise PackRefusedError(f"{name}: {rule.id} ends before it begins")
        seen.add(rule.id)
    return pack


def _check_references(packs: Mapping[str, Pack], clocks: Mapping[str, LegalClock], words: Vocabulary) -> None:
    owners: dict[str, str] = {}
    for pack in packs.values():
        for name in pack.inherits:
            if name not in packs:
                raise PackRefusedError(f"{pack.id} inherits {name}, which is not there")
        for rule in pack.rules:
            if rule.id in owners:
                raise PackRefusedError(f"{rule.id} stands in {owners[rule.id]} and in {pack.id}")
            owners[rule.id] = pack.id
            _check_rule(rule, clocks, words)


def _check_rule(rule: Rule, clocks: Mapping[str, LegalClock], words: Vocabulary) -> None:
    named: list[str | None] = []
    if isinstance(rule, Disclosure):
        named = [rule.clock]
        if rule.trigger not in words.triggers:
            raise PackRefusedError(f"{rule.id}: no touchpoint is known for the trigger {rule.trigger}")
        if unknown := [word for word in rule.when if word not in words.moments]:
            raise PackRefusedError(f"{rule.id}: no moment is known for {unknown[0]}")
        if rule.legacy_until is not None and rule.effective == "in_force":
            raise PackRefusedError(f"{rule.id}: legacy_until needs a date in from")
    elif isinstance(rule, Right):
        named = [rule.clock, rule.ack]
    if missing := [clock for clock in named if clock is not None and clock not in clocks]:
        raise PackRefusedError(f"{rule.id}: there is no clock {missing[0]}")


def assembled(files: Mapping[str, bytes], clocks: Iterable[LegalClock], words: Vocabulary) -> PackSet:
    """Put pack files together; ``files`` maps names to bytes. Raises ``PackRefusedError`` for what does not fit."""
    packs: dict[str, Pack] = {}
    digests: dict[str, str] = {}
    for name in sorted(files):
        pack = read_pack(files[name], name)
        if pack.id in packs:
            raise PackRefusedError(f"{name}: there is a pack {pack.id} already")
        packs[pack.id], digests[pack.id] = pack, sha256(files[name]).hexdigest()
    known = {clock.id: clock for clock in clocks}
    _check_references(packs, known, words)
    if sum(pack.applies.unknown_place for pack in packs.values()) != 1:
        raise PackRefusedError("exactly one pack has to be the one for unknown places")
    return PackSet(packs, known, words, digests)


def tried(packs: PackSet, raw: bytes) -> tuple[PackSet, Pack]:
    """Return what the packs would be with another version of one, or one more, and that pack; nothing is installed.

    Raises ``PackRefusedError`` for what would keep Candor from starting with it.
    """
    pack = read_pack(raw, "the pack")
    together = {**packs.packs, pack.id: pack}
    _check_references(together, packs.clocks, packs.vocabulary)
    if sum(one.applies.unknown_place for one in together.values()) != 1:
        raise PackRefusedError("exactly one pack has to be the one for unknown places")
    return replace(packs, packs=together, digests={**packs.digests, pack.id: sha256(raw).hexdigest()}), pack


def _checked_bundle() -> dict[str, bytes]:
    """Return the bundled files. Raises ``PackRefusedError`` if one is missing, added or altered."""
    lines = (BUNDLED / MANIFEST).read_text(encoding="ascii").splitlines()
    wanted = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {path.name: path.read_bytes() for path in sorted(BUNDLED.glob("*.json"))}
    if wanted.keys() != found.keys():
        raise PackRefusedError(
            f"the bundled packs are not those of the manifest: {sorted(wanted.keys() ^ found.keys())}"
        )
    for name, raw in found.items():
        if sha256(raw).hexdigest() != wanted[name]:
            raise PackRefusedError(f"the bundled file {name} was altered")
    return found


def manifest() -> str:
    """Return what the manifest of the bundled files has to say."""
    paths = sorted(BUNDLED.glob("*.json"))
    return "".join(f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths)


@cache
def bundled() -> PackSet:
    """Return the packs that ship with this release. Raises ``PackRefusedError`` if they were altered."""
    return with_folder(None, ())


def with_folder(folder: Path | None, trusted: Iterable[str]) -> PackSet:
    """Return the bundled packs with those of an operator's folder; one with a bundled pack's id replaces it.

    Each ``NAME.json`` needs ``NAME.json.sig`` by one of the ``trusted`` public keys. Raises ``PackRefusedError``.
    """
    files = _checked_bundle()
    clocks, words = (
        read(Clocks, files["clocks.json"], "clocks.json"),
        read(Vocabulary, files["vocabulary.json"], "vocabulary.json"),
    )
    if not (isinstance(clocks, Clocks) and isinstance(words, Vocabulary)):
        raise PackRefusedError("the bundled clocks and words are not what they should be")
    packs = {name: raw for name, raw in files.items() if name not in _NOT_PACKS}
    if folder is not None:
        keys = tuple(signing.public_key(text) for text in trusted)
        ours = {read_pack(raw, name).id: name for name, raw in packs.items()}
        for path in sorted(folder.glob("*.json")):
            raw = signing.read_signed(path, keys)
            packs.pop(ours.get(read_pack(raw, path.name).id, ""), None)
            packs[f"operator/{path.name}"] = raw
    return assembled(packs, clocks.clocks, words)
