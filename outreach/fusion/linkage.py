"""Which records speak of the same enterprise: the one door of linking.

First exact identifiers with check digits, strongest first; then Splink compares name, branch,
persons, phone and place of what has no credit code. Two different valid credit codes never meet in
one enterprise, also not indirectly. A joint union covers many enterprises and is never a reason to
merge them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.domain.engines import LinkageSettings
from outreach.domain.issues import IssueKind
from outreach.fusion.clustering import ComparedPair, Verdicts, join_best_first
from outreach.fusion.comparisons import SAME_NAME, Model, load_model
from outreach.fusion.crosswalk import Crosswalk, link_by_identifiers
from outreach.fusion.doubts import list_doubtful
from outreach.fusion.engines import compare
from outreach.fusion.links import Doubt, Link, Linkage, LinkRule, RecordLink
from outreach.fusion.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from outreach.domain.judgements import JudgedPair

__all__ = ["Doubt", "Link", "LinkRule", "Linkage", "Profile", "link_records"]


def link_records(
    profiles: Iterable[Profile],
    model: Model | None = None,
    judgements: Iterable[JudgedPair] = (),
    *,
    settings: LinkageSettings | None = None,
) -> Linkage:
    """Group records into enterprises. The order of `profiles` does not matter.

    What people judged stands above everything: "same" joins first and alone may bring two credit
    codes together, "different" keeps two records apart on every way.
    """
    model = model or load_model()
    found = link_by_identifiers(profiles, judgements)
    pairs = compare(found, model, settings or LinkageSettings())
    verdicts = join_best_first(found.clusters, pairs, model.decision)
    _note_verdicts(found, verdicts)
    return found.result(list_doubtful(found, verdicts, model.decision))


def _note_verdicts(found: Crosswalk, verdicts: Verdicts) -> None:
    """Keep why records joined, and ask people about the rest."""
    names = {p.record_id: p.names[0].core for p in found.profiles if p.names}
    for pair in verdicts.in_order:
        found.joined.append(
            RecordLink(
                left=pair.left,
                right=pair.right,
                rule=LinkRule.NAME_TOWNSHIP if _same_name_and_town(pair) else LinkRule.COMPARED,
                evidence=pair.evidence,
                weight=pair.weight,
                findings=pair.findings,
            )
        )
    for pair, _reason in verdicts.doubtful:
        for record in (pair.left, pair.right):
            found.doubt([record], IssueKind.AMBIGUOUS_MATCH, names.get(record, ""))


_NAME_AND_TOWN = ({SAME_NAME}, {"地址相同", "同镇街、地址不全"})


def _same_name_and_town(pair: ComparedPair) -> bool:
    """Whether the plainest of reasons holds, which needs no weights to be understood."""
    labels = {finding.label for finding in pair.findings}
    return all(labels & wanted for wanted in _NAME_AND_TOWN)
