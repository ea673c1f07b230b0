"""The English catalogue holds every Chinese text that a person may read."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from string import Formatter

import pytest

from outreach.fusion.comparisons import load_model
from outreach.i18n import english

ROOT = Path(__file__).parents[2] / "outreach"
TEMPLATES = ROOT / "web" / "templates"
HAN = re.compile("[\u3400-\u9fff]")

DATA = {
    "demo": "a made-up district writes Chinese files; its words are data",
    "services/demo_history.py": "notes that a made-up district wrote of its requests",
    "sources/values.py": "words that mean 'nothing' in received cells",
    "services/registers/templates.py": "the content of Chinese workbooks for Chinese offices",
    "fusion/names.py": "parts of firms' names",
    "fusion/addresses.py": "parts of addresses",
    "fusion/profiles.py": "parts of addresses that are compared",
    "fusion/comparable.py": "parts of firms' names that are compared",
    "fusion/regions.py": "names of provinces and cities",
    "fusion/survivorship.py": "words in the names of unions",
    "domain/doors.py": "parts of addresses",
    "domain/industries.py": "words by which a line of business is recognised",
    "typography.py": "ranges of characters",
    "geocoders/levels.py": "words by which map services name how exact an answer is",
}
"""Modules whose Chinese is data, not text, with the reason."""

SYNONYMS = {
    "domain/calendar.py",
    "domain/notices.py",
    "services/grids/grids.py",
    "services/grids/grid_workers.py",
    "services/registers/gazetteer.py",
    "sources/headers.py",
    "sources/registers.py",
    "sources/rows.py",
    "sources/tables.py",
    "sources/workbooks.py",
}
"""Here collections at module level are synonyms of column headers; all else is text."""

NOT_TEXT = {
    "赣州市赣县区": "the district of the default settings: a name",
    "周一": "days of the week, put together by i18n itself",
    "周二": "as 周一",
    "周三": "as 周一",
    "周四": "as 周一",
    "周五": "as 周一",
    "周六": "as 周一",
    "周日": "as 周一",
    "月": "a day, put together by i18n itself",
    "日 ": "as 月",
    "中文": "the language's own name is the same in every language",
    "是": "how a received cell with a truth value is read",
    "否": "as 是",
    "(第": "the name that a received column without a header gets",
    "列)": "as (第",
}


def modules() -> list[Path]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if "migrations" in name or any(name == key or name.startswith(f"{key}/") for key in DATA):
            continue
        found.append(path)
    return found


def docstrings(tree: ast.AST) -> set[ast.AST]:
    """Constants that stand alone: docstrings of modules, classes, functions and constants."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def synonyms(tree: ast.Module) -> set[ast.AST]:
    """Everything inside of a collection that a module keeps at its top level."""
    inside: set[ast.AST] = set()
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            inside.update(ast.walk(node.value))
    return inside


def texts_of_python() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = path.relative_to(ROOT).as_posix()
        skipped = docstrings(tree) | (synonyms(tree) if name in SYNONYMS else set())
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node not in skipped
                and HAN.search(node.value)
                and node.value not in NOT_TEXT
            ):
                found[node.value].append(f"{name}:{node.lineno}")
    return found


CALL = re.compile(r"""_\(\s*(?:"([^"]*)"|'([^']*)')""")


def texts_of_templates() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TEMPLATES.rglob("*.html")):
        for match in CALL.finditer(path.read_text(encoding="utf-8")):
            text = match[1] or match[2] or ""
            if HAN.search(text):
                found[text].append(path.relative_to(TEMPLATES).as_posix())
    return found


def all_texts() -> dict[str, list[str]]:
    found = defaultdict(list, texts_of_python())
    for text, places in texts_of_templates().items():
        found[text] += places
    for comparison in load_model().comparisons:
        for level in comparison.levels:
            found[level.label].append("fusion/model.toml")
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_chinese_text_has_an_english_entry():
    missing = {text: places for text, places in all_texts().items() if text not in english()}
    assert missing == {}


def test_an_entry_has_the_placeholders_of_its_text():
    wrong = {
        text: translation
        for text, translation in english().items()
        if placeholders(text) != placeholders(translation)
    }
    assert wrong == {}


def test_an_english_entry_holds_no_chinese():
    assert [entry for entry in english().values() if HAN.search(entry)] == []


def test_the_catalogue_keeps_no_text_that_nobody_shows():
    assert set(english()) - set(all_texts()) == set()


def test_no_part_of_a_formatted_string_is_chinese():
    """An f-string cannot be looked up: it must be a template with named placeholders."""
    found = []
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [
            f"{path.name}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            and any(
                isinstance(part, ast.Constant) and HAN.search(str(part.value))
                for part in node.values
            )
            and not all(
                str(part.value) in NOT_TEXT
                for part in node.values
                if isinstance(part, ast.Constant) and HAN.search(str(part.value))
            )
        ]
    assert found == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_a_template_holds_no_chinese_outside_of_the_translation_call(path: Path):
    left = CALL.sub("", path.read_text(encoding="utf-8"))
    assert HAN.findall(left) == []


def test_no_script_or_style_of_ours_holds_chinese_text():
    for path in sorted((ROOT / "web" / "static").glob("*.*")):
        code = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not HAN.search(code), path.name


def test_no_english_text_says_1_days():
    counted = re.compile(r"\{(count|days|total)\} days\b")
    catalogue = ROOT / "locale" / "en" / "LC_MESSAGES" / "outreach.po"
    texts = re.findall(r'^msgstr "(.*)"$', catalogue.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(texts) > 1000
    assert [text for text in texts if counted.search(text)] == []
