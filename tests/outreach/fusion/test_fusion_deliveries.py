from __future__ import annotations

from datetime import date

from outreach.domain.enterprises import OperatingState, UnionStatus
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.fusion.deliveries import present_statements
from outreach.fusion.survivorship import fold_enterprise

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def said(prop, value, *, delivery, source=Source.MARKET, as_of=OCTOBER, record=0):
    return Statement(
        prop=prop,
        value=value,
        raw=value,
        source=source,
        as_of=as_of,
        record_id=record or delivery,
        delivery=delivery,
    )


def fold(*statements):
    return fold_enterprise(statements, lambda _address: "", today=date(2026, 12, 1))


def test_what_a_newer_delivery_says_otherwise_no_longer_stands_though_its_rows_carry_no_newer_day():
    firm = fold(
        said(Prop.NAME, "乙公司", delivery=2),
        said(Prop.NAME, "甲公司", delivery=1),
        said(Prop.STATUS, "cancelled", delivery=2, as_of=None),
        said(Prop.STATUS, "active", delivery=1),
    )
    assert firm.name == "乙公司"
    assert firm.state is OperatingState.CANCELLED


def test_what_the_newest_delivery_does_not_speak_of_stands():
    firm = fold(
        said(Prop.NAME, "甲公司", delivery=2),
        said(Prop.PHONE, "123", delivery=1),
        said(Prop.ADDRESS, "幸福路1号", delivery=1, source=Source.TAX),
    )
    assert (firm.phone, firm.address) == ("123", "幸福路1号")


def test_a_figure_of_the_same_day_gives_way_and_one_of_another_day_stays():
    words = [
        said(Prop.HEADCOUNT, "40", delivery=1),
        said(Prop.HEADCOUNT, "20", delivery=2),
        said(Prop.HEADCOUNT, "30", delivery=2, as_of=NOVEMBER),
        said(Prop.HEADCOUNT, "10", delivery=1, as_of=date(2026, 9, 1)),
    ]
    assert {s.value for s in present_statements(words)} == {"20", "30", "10"}


def test_visits_and_each_union_keep_their_own_newest_word():
    visit = said(Prop.STATUS, "active", delivery=0, source=Source.VISIT)
    joint = said(Prop.UNION_STATUS, "joint", delivery=1, source=Source.MEMBERS)
    own = said(Prop.UNION_STATUS, "own", delivery=2, source=Source.MEMBERS)
    assert present_statements([visit, joint, own]) == [visit, joint, own]


def test_a_union_that_ended_in_the_newer_delivery_has_ended_though_its_row_kept_its_day():
    known = {"source": Source.MEMBERS}
    firm = fold(
        said(Prop.UNION_USCC, "81A", delivery=1, **known),
        said(Prop.UNION_STATUS, "own", delivery=1, **known),
        said(Prop.UNION_USCC, "81A", delivery=2, **known),
        said(Prop.UNION_STATUS, "none", delivery=2, **known),
    )
    assert firm.union_status is UnionStatus.NONE
