from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from outreach.domain.enterprises import OperatingState
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.domain.visits import (
    HeadcountEvidence,
    Premises,
    UnionFinding,
    Visit,
    VisitResult,
    statements_of,
)

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
DAY = date(2026, 11, 23)


def visit(result=VisitResult.MET_HEAD, **findings):
    given = {"visited_at": NOON} | findings
    return Visit(uuid=UUID(int=1), enterprise_id=7, result=result, **given)


def said(made):
    return {s.prop: (s.value, s.raw) for s in statements_of(made, visited_on=DAY)}


def test_a_visit_carries_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        visit(visited_at=datetime(2026, 11, 23, 12))  # noqa: DTZ001  the mistake under test


@pytest.mark.parametrize("employees", [-1, 500_001])
def test_a_headcount_out_of_range_is_refused(employees):
    with pytest.raises(ValueError, match="employees"):
        visit(employees=employees)


@pytest.mark.parametrize("employees", [0, 500_000])
def test_a_headcount_at_the_edge_is_taken(employees):
    assert said(visit(employees=employees))[Prop.HEADCOUNT] == (str(employees), str(employees))


@pytest.mark.parametrize("field", ["concerns", "hardships", "resources", "note"])
def test_a_note_has_at_most_1000_characters(field):
    assert getattr(visit(**{field: "愁" * 1000}), field)
    with pytest.raises(ValueError, match=field):
        visit(**{field: "愁" * 1001})


def test_the_three_checks_become_statements_of_the_visit():
    made = visit(
        employees=35, evidence=HeadcountEvidence.ROSTER, operating_state=OperatingState.ACTIVE
    )
    assert said(made) == {
        Prop.STATUS: ("active", "存续"),
        Prop.HEADCOUNT: ("35", "35 花名册"),
    }
    assert {(s.source, s.as_of) for s in statements_of(made, visited_on=DAY)} == {
        (Source.VISIT, DAY)
    }


@pytest.mark.parametrize(
    ("result", "state"), [(VisitResult.CLOSED, "suspended"), (VisitResult.MOVED, "moved_out")]
)
def test_a_closed_or_empty_house_says_so_by_the_result_alone(result, state):
    assert said(visit(result))[Prop.STATUS][0] == state


@pytest.mark.parametrize("result", [VisitResult.NOBODY, VisitResult.REFUSED, VisitResult.NOT_FOUND])
def test_a_door_that_stays_shut_says_nothing_about_the_firm(result):
    assert said(visit(result)) == {}


def test_the_state_that_was_seen_stands_above_the_result():
    assert (
        said(visit(VisitResult.CLOSED, operating_state=OperatingState.ACTIVE))[Prop.STATUS][0]
        == "active"
    )


@pytest.mark.parametrize(
    ("finding", "status"),
    [
        (UnionFinding.FOUNDED, "own"),
        (UnionFinding.JOINT, "joint"),
        (UnionFinding.PREPARING, "none"),
        (UnionFinding.WILLING, "none"),
        (UnionFinding.NONE, "none"),
    ],
)
def test_only_a_founded_or_joint_union_is_a_union(finding, status):
    assert said(visit(union_finding=finding))[Prop.UNION_STATUS] == (status, finding.label)


def test_only_a_met_person_opens_the_form_and_only_five_results_settle_the_visit():
    assert {r for r in VisitResult if r.opens_form} == {VisitResult.MET_HEAD, VisitResult.MET_CLERK}
    unsettled = {r for r in VisitResult if not r.settles_visit}
    assert unsettled == {
        VisitResult.NOBODY,
        VisitResult.APPOINTMENT,
        VisitResult.NOT_FOUND,
        VisitResult.UNCHANGED,
    }


def test_every_word_of_the_form_has_a_label():
    kinds = (VisitResult, HeadcountEvidence, Premises, UnionFinding)
    assert all(word.label for kind in kinds for word in kind)
