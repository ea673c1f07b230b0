from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.changes import (
    ChangeKind,
    Missing,
    Said,
    Sameness,
    Sighting,
    Snapshot,
    find_changes,
    find_missing,
)
from outreach.domain.enterprises import OperatingState, UnionStatus
from outreach.domain.sources import Source

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31)
SAME = Sameness(
    name=lambda one, other: one.removesuffix("公司") == other.removesuffix("公司"),
    address=lambda one, other: one.replace("#", "号") == other.replace("#", "号"),
)


def said(text, source=Source.MARKET, as_of=OCTOBER):
    return Said(text=text, source=source, as_of=as_of)


FIRM = Snapshot(
    enterprise_id=1,
    records=frozenset({10, 11}),
    name="甲",
    address="幸福路1号",
    state=OperatingState.ACTIVE,
    employees=20,
    grid_id=5,
    grid="第5网格",
    point=(115.0, 25.0),
    names=(said("甲"),),
    addresses=(said("幸福路1号"),),
)


def changes(before, after):
    found = find_changes(
        {one.enterprise_id: one for one in before}, after, same=SAME, employees_over=25
    )
    return [(one.enterprise_id, one.kind, one.before, one.after) for one in found]


def kinds(before, after):
    return [kind for _, kind, _, _ in changes([before], [after])]


def test_the_first_linking_finds_no_changes():
    assert changes([], [FIRM]) == []


def test_the_same_file_twice_finds_no_changes():
    assert changes([FIRM], [FIRM]) == []


def test_an_enterprise_all_of_whose_rows_are_new_is_new():
    young = replace(FIRM, enterprise_id=2, records=frozenset({20}), name="乙")
    assert changes([FIRM], [FIRM, young]) == [(2, ChangeKind.NEW, "", "乙")]


def test_an_enterprise_with_an_old_row_is_not_new():
    part = replace(FIRM, enterprise_id=2, records=frozenset({11}), name="乙")
    rest = replace(FIRM, records=frozenset({10}))
    assert changes([FIRM], [rest, part]) == []


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (OperatingState.CANCELLED, ChangeKind.CLOSED),
        (OperatingState.MOVED_OUT, ChangeKind.CLOSED),
        (OperatingState.SUSPENDED, None),
        (OperatingState.UNKNOWN, None),
    ],
)
def test_only_a_state_that_has_ended_closes(after, kind):
    assert kinds(FIRM, replace(FIRM, state=after)) == ([kind] if kind else [])


def test_a_state_that_had_ended_and_lives_again_is_reopened():
    closed = replace(FIRM, state=OperatingState.REVOKED)
    assert kinds(closed, FIRM) == [ChangeKind.REOPENED]
    assert kinds(closed, replace(FIRM, state=OperatingState.UNKNOWN)) == []


def test_another_address_is_a_move_and_names_the_grid_that_was_left():
    there = replace(
        FIRM,
        address="光明路9号",
        addresses=(said("光明路9号", as_of=NOVEMBER),),
        grid_id=6,
        grid="第6网格",
        point=(115.1, 25.0),
    )
    (found,) = find_changes({1: FIRM}, [there], same=SAME, employees_over=25)
    assert (found.kind, found.before, found.after) == (
        ChangeKind.MOVED,
        "幸福路1号",
        "光明路9号",
    )
    assert (found.grid_id, found.former_grid_id) == (6, 5)
    assert (found.source, found.as_of) == (Source.MARKET, NOVEMBER)


def test_a_respelled_address_or_name_is_no_change():
    assert kinds(FIRM, replace(FIRM, address="幸福路1#", name="甲公司")) == []


def test_an_address_that_another_source_had_told_before_is_no_move():
    before = replace(FIRM, addresses=(said("幸福路1号"), said("光明路9号", Source.TAX)))
    after = replace(before, address="光明路9号")
    assert kinds(before, after) == []


def test_a_source_that_is_believed_and_tells_another_address_moves_the_firm_although_it_was_known():
    before = replace(FIRM, addresses=(said("幸福路1号"), said("光明路9号", Source.TAX)))
    news = (*before.addresses, said("光明路9号", as_of=NOVEMBER))
    assert kinds(before, replace(before, address="光明路9号", addresses=news)) == [ChangeKind.MOVED]


def test_a_source_that_tells_a_place_nobody_knew_is_heard_though_another_is_believed():
    before = replace(FIRM, addresses=(said("幸福路1号"), said("幸福路1号", Source.TAX)))
    news = (*before.addresses, said("光明路9号", Source.TAX, NOVEMBER))
    assert changes([before], [replace(before, addresses=news)]) == [
        (1, ChangeKind.MOVED, "幸福路1号", "光明路9号")
    ]
    first = (said("幸福路1号"), said("光明路9号", Source.TAX, NOVEMBER))
    assert kinds(FIRM, replace(FIRM, addresses=first)) == []


def test_an_address_that_became_known_or_was_lost_is_no_move():
    assert kinds(replace(FIRM, address=""), FIRM) == []
    assert kinds(FIRM, replace(FIRM, address="")) == []


def test_another_point_in_another_grid_is_a_move_and_a_grid_drawn_anew_is_not():
    away = replace(FIRM, grid_id=6, grid="第6网格", point=(115.1, 25.0))
    assert changes([FIRM], [away]) == [(1, ChangeKind.MOVED, "第5网格", "第6网格")]
    assert kinds(FIRM, replace(FIRM, grid_id=6)) == []


def test_a_person_who_puts_a_firm_where_it_is_moves_nobody():
    marked = replace(FIRM, grid_id=6, point=(115.1, 25.0), point_is_seen=True)
    assert kinds(FIRM, marked) == []
    assert kinds(marked, FIRM) == []


def test_another_core_of_the_name_is_a_new_name():
    renamed = replace(FIRM, name="丙", names=(said("丙", as_of=NOVEMBER),))
    assert changes([FIRM], [renamed]) == [(1, ChangeKind.RENAMED, "甲", "丙")]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (25, 26, ChangeKind.CROSSED_UP),
        (26, 25, ChangeKind.CROSSED_DOWN),
        (None, 26, ChangeKind.CROSSED_UP),
        (24, 25, None),
        (26, 27, None),
        (None, 25, None),
        (26, None, None),
    ],
)
def test_the_line_of_25_is_crossed_at_26(before, after, kind):
    told = (said(str(after), as_of=NOVEMBER),)
    there = replace(FIRM, employees=after, headcounts=told)
    assert kinds(replace(FIRM, employees=before), there) == ([kind] if kind else [])


def test_an_estimate_that_moves_without_another_figure_crosses_nothing():
    told = {"headcounts": (said("25"), said("27", Source.TAX))}
    before = replace(FIRM, employees=25, **told)
    assert kinds(before, replace(before, employees=26)) == []
    again = (*told["headcounts"], said("25", as_of=NOVEMBER))
    assert kinds(before, replace(before, employees=26, headcounts=again)) == []


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (UnionStatus.NONE, UnionStatus.OWN, ChangeKind.UNION_FOUNDED),
        (UnionStatus.NONE, UnionStatus.JOINT, ChangeKind.UNION_FOUNDED),
        (UnionStatus.JOINT, UnionStatus.OWN, ChangeKind.UNION_FOUNDED),
        (UnionStatus.OWN, UnionStatus.NONE, ChangeKind.UNION_ENDED),
        (UnionStatus.OWN, UnionStatus.JOINT, None),
    ],
)
def test_unions_are_founded_and_end(before, after, kind):
    found = kinds(replace(FIRM, union_status=before), replace(FIRM, union_status=after))
    assert found == ([kind] if kind else [])


GONE = Missing(source=Source.TAX, last_seen=OCTOBER, since=NOVEMBER)


def test_a_firm_that_vanishes_and_comes_back_is_told_once_each():
    gone = replace(FIRM, missing=(GONE,))
    assert kinds(FIRM, gone) == [ChangeKind.VANISHED]
    assert kinds(gone, gone) == []
    assert kinds(gone, FIRM) == [ChangeKind.BACK]


OTHER = replace(
    FIRM,
    enterprise_id=2,
    records=frozenset({20}),
    name="乙",
    address="光明路9号",
    state=OperatingState.CANCELLED,
    employees=40,
    union_status=UnionStatus.OWN,
    grid_id=6,
    names=(said("乙"),),
    addresses=(said("光明路9号"),),
)


def test_a_merge_is_no_change_of_either_firm():
    joined = replace(
        OTHER,
        enterprise_id=1,
        records=FIRM.records | OTHER.records,
        names=(*FIRM.names, *OTHER.names),
        addresses=(*FIRM.addresses, *OTHER.addresses),
        point=(115.1, 25.0),
    )
    assert changes([FIRM, OTHER], [joined]) == []


def test_a_split_is_no_change_of_either_part():
    joined = replace(OTHER, enterprise_id=1, records=FIRM.records | OTHER.records)
    assert changes([joined], [FIRM, OTHER]) == []


def test_a_merge_with_new_rows_still_tells_what_is_news_to_both():
    closed = replace(FIRM, records=FIRM.records | {20, 30}, state=OperatingState.CANCELLED)
    alive = replace(OTHER, state=OperatingState.ACTIVE)
    assert [kind for _, kind, _, _ in changes([FIRM, alive], [closed])] == [ChangeKind.CLOSED]


snapshots = st.builds(
    replace,
    st.just(FIRM),
    state=st.sampled_from(OperatingState),
    employees=st.none() | st.integers(0, 60),
    union_status=st.sampled_from(UnionStatus),
    name=st.sampled_from(["甲", "甲公司", "乙"]),
    address=st.sampled_from(["", "幸福路1号", "幸福路1#", "光明路9号"]),
    missing=st.sampled_from([(), (GONE,)]),
)


@given(snapshots, snapshots)
def test_each_kind_is_told_at_most_once_and_nothing_of_what_stayed(before, after):
    found = kinds(before, after)
    assert len(found) == len(set(found))
    assert kinds(after, after) == []
    assert not {ChangeKind.CLOSED, ChangeKind.REOPENED} <= set(found)


def sight(day, *, complete=True, named=True):
    return Sighting(day=day, complete=complete, named=named)


def test_a_firm_that_the_newest_complete_delivery_leaves_out_is_missing():
    found = find_missing(Source.TAX, [sight(OCTOBER), sight(NOVEMBER, named=False)])
    assert found == GONE


def test_since_is_the_first_delivery_without_it():
    deliveries = [sight(OCTOBER), sight(NOVEMBER, named=False), sight(DECEMBER, named=False)]
    assert find_missing(Source.TAX, deliveries) == GONE


@pytest.mark.parametrize(
    "deliveries",
    [
        [],
        [sight(OCTOBER)],
        [sight(OCTOBER, named=False)],
        [sight(OCTOBER), sight(NOVEMBER, complete=False, named=False)],
        [sight(OCTOBER), sight(NOVEMBER, named=False), sight(DECEMBER, complete=False)],
        [sight(OCTOBER, complete=False), sight(NOVEMBER, named=False)],
    ],
    ids=["nothing", "there", "never", "partial-without", "partial-with", "only-ever-partial"],
)
def test_partial_deliveries_never_flag(deliveries):
    assert find_missing(Source.TAX, deliveries) is None
