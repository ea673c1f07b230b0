"""Every action and subject that the code writes into the log has its words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from outreach.domain.accounts import Role
from outreach.domain.audit import ACTIONS, DETAILS, SUBJECTS, value_label
from outreach.domain.days import DayChangeKind
from outreach.domain.judgements import Verdict
from outreach.domain.remarks import RemarkVerdict
from outreach.domain.visits import Settlement, VisitResult

ROOT = Path(__file__).parents[3] / "outreach"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.py")}
WRITERS = TREES[ROOT / "services" / "administration" / "audit.py"]


def name_of(node):
    return getattr(node, "id", None) or getattr(node, "attr", "")


def functions_of(tree):
    return {one.name: one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def writers_of(tree):
    """What writes entries when called in a module: functions, and `partial`s of those shared."""
    shared = functions_of(WRITERS)
    found = {**shared, **functions_of(tree)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call):
            called = one.value
            if name_of(called.func) == "partial" and name_of(called.args[0]) in shared:
                found[one.targets[0].id] = shared[name_of(called.args[0])]
    return found


def words_of(node, tree):
    """The texts that an expression may be, through names that are assigned in its module."""
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.Dict):
        return {one.value for one in node.keys if isinstance(one, ast.Constant)}
    if isinstance(node, ast.IfExp):
        return words_of(node.body, tree) | words_of(node.orelse, tree)
    found = set()
    for one in ast.walk(tree):
        targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
        is_given = isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None
        if isinstance(node, ast.Name) and is_given and node.id in map(name_of, targets):
            found |= words_of(one.value, tree)
    return found


def written(parameter):
    """Every text that is passed to a function as its `action` or `subject`, with its modules."""
    found = {}
    for path, tree in TREES.items():
        if "audit" not in path.read_text(encoding="utf-8"):
            continue
        writers = writers_of(tree)
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            name = name_of(call.func)
            passed = [one.value for one in call.keywords if one.arg == parameter]
            passed = passed if name in writers or name == "partial" else []
            names = [one.arg for one in writers[name].args.args] if name in writers else []
            if parameter in names and len(call.args) > names.index(parameter):
                passed.append(call.args[names.index(parameter)])
            for text in {text for node in passed for text in words_of(node, tree)} - {""}:
                found.setdefault(text, set()).add(path.name)
    return found


@pytest.mark.parametrize(
    ("parameter", "labels", "least"),
    [("action", ACTIONS, 80), ("subject", SUBJECTS, 20), ("detail", DETAILS, 50)],
)
def test_whatever_is_written_into_the_log_has_words(parameter, labels, least):
    found = written(parameter)
    assert len(found) >= least
    assert {text: places for text, places in found.items() if text not in labels} == {}


def test_no_label_is_kept_for_what_nobody_writes():
    assert set(ACTIONS) - set(written("action")) == set()


@pytest.mark.parametrize(
    ("action", "name", "value", "words"),
    [
        ("record_visit", "result", "met_head", VisitResult.MET_HEAD.label),
        ("add_account", "role", "auditor", Role.AUDITOR.label),
        ("judge", "verdict", "same", Verdict.SAME.label),
        ("remark_visit", "verdict", "returned", RemarkVerdict.RETURNED.label),
        ("change_day", "kind", "skip", "先不去"),
        ("read_audit", "action", "link", ACTIONS["link"]),
        ("set_own_days", "works", True, "是"),
    ],
)
def test_a_code_in_the_log_is_read_in_words(action, name, value, words):
    assert value_label(action, name, value) == words


@pytest.mark.parametrize(
    ("action", "name", "value"),
    [
        ("record_visit", "result", "of a release long ago"),
        ("export_list", "kind", "xlsx"),
        ("edit_grids", "grids", [1, 2]),
        ("make_plan", "stops", 12),
        ("remark_visit", "verdict", None),
    ],
)
def test_a_value_without_a_word_says_itself(action, name, value):
    assert value_label(action, name, value) is None


@pytest.mark.parametrize("kind", DayChangeKind)
def test_every_change_of_a_day_has_a_word_in_the_log(kind):
    assert value_label("change_day", "kind", kind.value)


@pytest.mark.parametrize("how", Settlement)
def test_every_way_to_settle_a_held_visit_has_a_word_in_the_log(how):
    assert value_label("settle_held_visit", "settlement", how.value)
