from __future__ import annotations

import copy
import pickle

import pytest

from outreach.domain.sources import Source, SourceFacts


def test_a_source_is_one_object_wherever_its_name_comes_from():
    assert Source("market") is Source.MARKET
    assert pickle.loads(pickle.dumps(Source.TAX)) is Source.TAX
    assert copy.deepcopy(Source.VISIT) is Source.VISIT


def test_a_name_that_nobody_declared_is_no_source():
    with pytest.raises(ValueError, match="no declared source"):
        Source("customs")


def test_the_same_facts_again_change_nothing_and_others_are_refused():
    facts = Source.MARKET.facts
    assert Source.declare("market", facts) is Source.MARKET
    with pytest.raises(ValueError, match="other facts"):
        Source.declare("market", SourceFacts(label="市场", belief=10))


def test_the_registering_offices_are_believed_first_and_the_visit_last():
    named = [Source.VISIT, Source.TAX, Source.MEMBERS, Source.CIVIL_AFFAIRS, Source.MARKET]
    assert sorted(named, key=lambda source: source.belief) == [
        Source.MARKET,
        Source.CIVIL_AFFAIRS,
        Source.TAX,
        Source.MEMBERS,
        Source.VISIT,
    ]


def test_only_some_sources_say_whether_an_enterprise_closed():
    assert Source.SOCIAL_SECURITY.tells_state
    assert not Source.MEMBERS.tells_state
    assert Source.TAX.lists_once
    assert not Source.SOCIAL_SECURITY.lists_once
