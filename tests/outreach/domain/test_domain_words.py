"""Sources, statements, states, positions: the small closed sets of the domain."""

from __future__ import annotations

import pytest

from outreach.domain.enterprises import Industry, OperatingState, UnionStatus
from outreach.domain.headcounts import HeadcountKind
from outreach.domain.positions import PositionSource, UnplacedReason
from outreach.domain.sources import Source
from outreach.domain.statements import Prop


@pytest.mark.parametrize(
    "kind", [Source, Prop, OperatingState, UnionStatus, Industry, HeadcountKind, PositionSource]
)
def test_every_member_has_its_own_label(kind):
    labels = [member.label for member in kind]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_every_reason_for_no_position_names_a_remedy():
    assert all(len(reason.sentence.in_chinese()) > 5 for reason in UnplacedReason)


def test_only_two_offices_register_bodies():
    assert {s for s in Source if s.is_register} == {Source.MARKET, Source.CIVIL_AFFAIRS}


def test_a_firm_in_change_is_still_active_and_a_resting_one_has_not_ended():
    assert {s for s in OperatingState if s.is_active} == {
        OperatingState.ACTIVE,
        OperatingState.MOVING_OUT,
    }
    ended = {s for s in OperatingState if s.has_ended}
    assert ended == {
        OperatingState.MOVED_OUT,
        OperatingState.CANCELLED,
        OperatingState.REVOKED,
        OperatingState.DISSOLVED,
    }


def test_names_and_phones_are_personal():
    assert {p for p in Prop if p.is_personal} == {Prop.LEGAL_REP, Prop.UNION_CHAIR, Prop.PHONE}
