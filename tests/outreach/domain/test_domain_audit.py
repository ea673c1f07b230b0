"""Every action and subject that the code writes into the log has its words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from outreach.domain.audit import ACTIONS, SUBJECTS

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
    if isinstance(node, ast.IfExp):
        return words_of(node.body, tree) | words_of(node.orelse, tree)
    found = set()
    for one in ast.walk(tree):
        if isinstance(one, ast.Assign) and name_of(node) in map(name_of, one.targets):
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
            for text in {text for node in passed for text in words_of(node, tree)}:
                found.setdefault(text, set()).add(path.name)
    return found


@pytest.mark.parametrize(
    ("parameter", "labels", "least"), [("action", ACTIONS, 80), ("subject", SUBJECTS, 20)]
)
def test_whatever_is_written_into_the_log_has_words(parameter, labels, least):
    found = written(parameter)
    assert len(found) >= least
    assert {text: places for text, places in found.items() if text not in labels} == {}


def test_no_label_is_kept_for_what_nobody_writes():
    assert set(ACTIONS) - set(written("action")) == set()
