from __future__ import annotations

import pytest

from outreach.domain.issues import Issue, IssueKind, Severity


@pytest.mark.parametrize("kind", list(IssueKind))
def test_every_kind_has_its_words_its_remedy_and_its_price(kind):
    issue = Issue(kind=kind, row=3, column="名称", value="{x}")
    assert issue.sentence.in_chinese()
    assert kind.remedy
    assert kind.severity in Severity
    assert kind.severity.label


def test_codes_are_stable_and_each_is_used_once():
    assert IssueKind.NO_NAME_NO_CODE == "E211"
    assert len({kind.value for kind in IssueKind}) == len(IssueKind)


def test_only_a_row_without_name_and_code_is_held():
    held = {kind for kind in IssueKind if kind.severity is Severity.ROW_HELD}
    assert held == {IssueKind.NO_NAME_NO_CODE}


def test_braces_in_a_received_value_are_shown_and_never_filled():
    issue = Issue(kind=IssueKind.UNKNOWN_CODE, row=3, column="状态{value}", value="{column}")
    assert issue.sentence.in_chinese() == "“状态{value}”里的“{column}”不在对照表里"
