from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from outreach.fusion.identity import keep_ids


def members(clusters, ids):
    return {record: id_ for cluster, id_ in zip(clusters, ids, strict=True) for record in cluster}


def test_new_enterprises_have_no_id_yet():
    assert keep_ids([(1, 2), (3,)], {}).ids == (None, None)


def test_ids_stay_when_records_are_linked_again():
    clusters = [(1, 2), (3,)]
    kept = keep_ids(clusters, {1: 70, 2: 70, 3: 71})
    assert (kept.ids, kept.aliases) == ((70, 71), {})


def test_a_record_that_joins_changes_no_id():
    assert keep_ids([(1, 2, 9), (3,)], {1: 70, 2: 70, 3: 71}).ids == (70, 71)


def test_when_two_enterprises_meet_the_oldest_id_stays_and_the_other_is_its_alias():
    kept = keep_ids([(3,), (1, 2)], {1: 71, 2: 70, 3: 72})
    assert (kept.ids, kept.aliases) == ((72, 70), {71: 1})


def test_three_enterprises_in_one_leave_two_aliases():
    assert keep_ids([(1, 2, 3)], {1: 70, 2: 71, 3: 72}).aliases == {71: 0, 72: 0}


def test_a_part_that_is_split_off_is_new_when_it_never_had_an_id():
    assert keep_ids([(1,), (2,)], {1: 70, 2: 70}).ids == (70, None)


def test_the_id_stays_where_the_oldest_record_is():
    assert keep_ids([(2, 3), (1,)], {1: 70, 2: 70, 3: 70}).ids == (None, 70)


def test_a_split_gives_back_the_id_that_a_merge_had_taken():
    merged = keep_ids([(1, 2)], {1: 70, 2: 71})
    assert (merged.ids, merged.aliases) == ((70,), {71: 0})
    split = keep_ids([(1,), (2,)], {1: 70, 2: 70}, homes={71: 2})
    assert (split.ids, split.aliases) == ((70, 71), {})


def test_an_alias_lives_on_when_merged_records_are_linked_again():
    kept = keep_ids([(1, 2)], {1: 70, 2: 70}, homes={71: 2})
    assert (kept.ids, kept.aliases) == ((70,), {71: 0})


PARTITIONS = st.lists(st.integers(0, 4), min_size=1, max_size=10).map(
    lambda labels: [
        tuple(record for record, label in enumerate(labels) if label == wanted)
        for wanted in sorted(set(labels))
    ]
)


@given(PARTITIONS, PARTITIONS)
def test_no_id_is_given_twice_and_none_is_lost(before, after):
    previous = members(before, range(100, 100 + len(before)))
    kept = keep_ids(after, previous)
    given_ids = [id_ for id_ in kept.ids if id_ is not None]
    assert len(set(given_ids)) == len(given_ids)
    present = {record for cluster in after for record in cluster}
    homes = {
        previous[r] for r in previous if r == min(s for s in previous if previous[s] == previous[r])
    }
    stay = {id_ for id_ in homes if min(r for r in previous if previous[r] == id_) in present}
    assert set(given_ids) | set(kept.aliases) == stay


@given(PARTITIONS)
def test_linking_again_without_change_changes_nothing(clusters):
    ids = tuple(range(100, 100 + len(clusters)))
    kept = keep_ids(clusters, members(clusters, ids))
    assert (kept.ids, kept.aliases) == (ids, {})
