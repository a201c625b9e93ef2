"""From notices to their wire types."""

from collections.abc import Iterable, Sequence

from api.schemas.notices import (
    CheckOut,
    DifferenceOut,
    Differences,
    FindingOut,
    NoticeOut,
    NoticeVersionOut,
    Skeleton,
    SkeletonElement,
)
from core.clock import rfc3339
from disclosures.notices import lint, readability, standing
from disclosures.notices.differences import Difference
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.lint import Finding
from disclosures.notices.service import NoticeView
from disclosures.notices.store import VersionRow
from disclosures.packs.loading import PackSet


def version(row: VersionRow) -> NoticeVersionOut:
    """Return a published version."""
    return NoticeVersionOut(
        version=row.version,
        sha256=row.sha256,
        material=row.material,
        aside=row.aside,
        published_at=rfc3339(row.published_at),
        drafted_by=row.drafted_by,
        approved_by=row.approved_by,
        readability=dict(standing.scores_of(row.readability)),
        document=standing.document_of(row.document),
    )


def notice(view: NoticeView, *, keeper: bool) -> NoticeOut:
    """Return a notice; its draft only for a ``keeper``."""
    row = view.notice
    return NoticeOut(
        key=row.key,
        revision=row.revision,
        published=None if view.published is None else version(view.published),
        stale=view.stale,
        draft=view.draft if keeper else None,
        drafted_by=row.drafted_by if keeper else None,
        approved_by=row.approved_by if keeper else None,
        publish_at=None if row.publish_at is None or not keeper else rfc3339(row.publish_at),
        created_at=rfc3339(row.created_at),
        retired_at=None if row.retired_at is None else rfc3339(row.retired_at),
    )


def checked(document: NoticeDocument, found: Sequence[Finding]) -> CheckOut:
    """Return what the checks say of a document."""
    source = document.texts.get(document.source_language)
    scores = {language: readability.score(text.text, language) for language, text in document.texts.items()}
    return CheckOut(
        findings=[FindingOut(**one._asdict()) for one in found],
        fit=not lint.errors(found),
        readability={language: score._asdict() for language, score in scores.items() if score is not None},
        source_sha256=None if source is None else source.sha256,
    )


def compared(found: Iterable[Difference]) -> Differences:
    """Return what differs between two versions."""
    return Differences(items=[DifferenceOut(**one._asdict()) for one in found])


def skeleton(kind: str, names: Sequence[str], packs: PackSet) -> Skeleton:
    """Return what rule packs want conveyed by a notice of a kind."""
    rules = lint.rules_about(kind, names, packs)
    return Skeleton(
        kind=kind,
        elements=[
            SkeletonElement(
                word=word,
                rule=rule.id,
                pack=pack.id,
                citation=rule.cite,
                effective_from=None if rule.effective == "in_force" else rule.effective.isoformat(),
                fixed_text=rule.fixed_text,
            )
            for rule, pack in rules
            for word in rule.must_convey or (("fixed_text",) if rule.fixed_text else ())
        ],
        insufficient_alone=list(dict.fromkeys(words for rule, _ in rules for words in rule.insufficient_alone)),
    )
