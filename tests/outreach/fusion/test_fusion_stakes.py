from __future__ import annotations

from outreach.domain.enterprises import Enterprise, UnionStatus
from outreach.domain.headcounts import Headcount
from outreach.domain.judgements import DoubtReason
from outreach.domain.sources import Source
from outreach.fusion.links import DoubtfulPair, Linkage, LinkRule, RecordLink
from outreach.fusion.stakes import order_questions

EMPLOYEES = {1: 12, 2: 40, 3: 5, 4: 6}
UNIONS = {3}


def fold(records):
    known = [EMPLOYEES[r] for r in records]
    return Enterprise(
        name="",
        headcount=Headcount(employees=max(known), source=Source.TAX, as_of=None),
        union_status=UnionStatus.OWN if UNIONS & set(records) else UnionStatus.NONE,
    )


def asked(left, right, reason=DoubtReason.BELOW, weight=-1.0):
    return DoubtfulPair(left=left, right=right, reason=reason, weight=weight)


def order(clusters, pairs, joined=()):
    linkage = Linkage(
        clusters=clusters, links={}, doubts=(), pairs=tuple(pairs), joined=tuple(joined)
    )
    questions = order_questions(linkage, fold, threshold=0.0, employees_over=25)
    return [(q.pair.left, q.pair.right) for q in questions], [q.priority for q in questions]


ALONE = ((1,), (2,), (3,), (4,))


def test_what_crosses_the_line_or_brings_a_union_comes_before_what_changes_nothing():
    pairs, found = order(ALONE, [asked(1, 4), asked(1, 2), asked(2, 3)])
    assert pairs == [(2, 3), (1, 2), (1, 4)]
    assert found[0] > found[1] > found[2]


def test_questions_of_equal_use_keep_the_order_of_their_rows():
    assert order(ALONE, [asked(2, 4), asked(1, 2)])[0] == [(1, 2), (2, 4)]


def test_the_sides_of_a_join_are_what_its_cut_would_leave():
    joined = [
        RecordLink(left=1, right=4, rule=LinkRule.USCC),
        RecordLink(left=1, right=2, rule=LinkRule.COMPARED, weight=1.0),
    ]
    weak = asked(1, 2, DoubtReason.WEAK, 1.0)
    _, whole = order(((1, 2, 4), (3,)), [weak], joined)
    _, alone = order(((1, 2), (3,), (4,)), [weak], joined[1:])
    assert whole[0] == 2 * alone[0]
