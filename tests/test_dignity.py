"""No forced check-in, no ranking of people, no time online, no score of a person, anywhere.

Looks at what the program can show, ask, answer, export, store or be set to. A word that stands for
something else is allowed in one named place each, with its reason; an allowance that is no longer
needed fails as well.
"""

from __future__ import annotations

import ast
import re
from dataclasses import fields, is_dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from outreach.settings import Settings, make_settings
from outreach.storage.base import Base
from outreach.storage.database import Database
from outreach.web import create_app

ROOT = Path(__file__).parents[1]
CODE = ROOT / "outreach"
WEB = CODE / "web"

ENGLISH = (
    "rank",
    "ranking",
    "rankings",
    "league",
    "leaderboard",
    "leaderboards",
    "scoreboard",
    "podium",
    "streak",
    "kpi",
    "kpis",
    "productivity",
    "punctuality",
    "laggard",
    "laggards",
    "checkin",
    "checkout",
    "clockin",
    "clockout",
    "timesheet",
    "geofence",
    "geofenced",
    "keystrokes",
)
"""Single words of identifiers and texts."""

FORMS = {"ranks": "rank", "ranked": "rank"}
"""Forms of a word that are found as that word."""

ENGLISH_PAIRS = (
    ("check", "in"),
    ("check", "out"),
    ("clock", "in"),
    ("clock", "out"),
    ("punch", "in"),
    ("sign", "back"),
    ("online", "time"),
    ("online", "minutes"),
    ("online", "hours"),
    ("online", "duration"),
    ("online", "seconds"),
    ("time", "online"),
    ("minutes", "online"),
    ("last", "online"),
    ("screen", "time"),
    ("active", "minutes"),
    ("idle", "minutes"),
    ("worker", "score"),
    ("worker", "points"),
    ("worker", "rating"),
    ("person", "score"),
    ("account", "score"),
    ("user", "score"),
    ("performance", "score"),
    ("attendance", "rate"),
    ("best", "worker"),
    ("best", "workers"),
    ("top", "worker"),
    ("top", "workers"),
    ("worst", "worker"),
    ("worst", "workers"),
    ("slowest", "worker"),
    ("slowest", "workers"),
)
"""Two words beside each other."""

CHINESE = (
    "排名",
    "排行",
    "名次",
    "榜",
    "第一名",
    "末位",
    "打卡",
    "签到",
    "签退",
    "在线时长",
    "在线时间",
    "登录时长",
    "停留时长",
    "考核",
    "绩效",
    "积分",
    "得分",
    "评分",
    "评比",
    "评优",
    "达标率",
    "落后",
    "偷懒",
    "迟到",
    "早退",
    "电子围栏",
)

ALLOWED = {
    ("fusion/survivorship.py", "rank"): "the order of a source's deliveries: the newest stands",
    ("services/registers/deliveries.py", "rank"): "as in survivorship",
    ("services/registers/statements.py", "rank"): "as in survivorship",
    ("web/templates/tracks/track.html", "考核"): "tells her that the track judges nobody",
}
"""(file, word) -> what it stands for there. Texts of a template come back in the catalogue, which
needs no allowance of its own: it holds only what Python and templates show."""

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_in(text):
    """The forbidden words of a text: of identifiers as well as of sentences."""
    parts = [FORMS.get(part.casefold(), part.casefold()) for part in WORD.findall(text)]
    joined = re.split(r"[^A-Za-z_]+", text)
    found = {word for word in ENGLISH if word in parts}
    for token in joined:
        own = [part.casefold() for part in WORD.findall(token)]
        found |= {f"{one}_{other}" for one, other in pairwise(own) if (one, other) in ENGLISH_PAIRS}
    return found | {word for word in CHINESE if word in text}


def names_and_texts(source):
    """Every identifier and text of Python code, without comments and docstrings."""
    tree = ast.parse(source)
    silent = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, (ast.arg, ast.keyword)) and node.arg:
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            yield node.value


def shown_text(path):
    """What a template, script or style sheet says, without its comments."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return re.sub(r"{#.*?#}|<!--.*?-->", "", text, flags=re.DOTALL)
    if path.suffix in {".js", ".css"}:
        return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return text


def findings_in_python(source, name):
    return {(name, word) for text in names_and_texts(source) for word in words_in(text)}


def findings_in_columns(metadata):
    return {
        (f"{table.name}.{column.name}", word)
        for table in metadata.tables.values()
        for column in table.columns
        for word in words_in(f"{table.name} {column.name}")
    }


def findings_in_routes(app):
    return {
        (rule.rule, word)
        for rule in app.url_map.iter_rules()
        for word in words_in(f"{rule.rule.replace('-', '_')} {rule.endpoint}")
    }


def findings_in_settings(kind, where="settings"):
    found = set()
    for one in fields(kind):
        found |= {(f"{where}.{one.name}", word) for word in words_in(one.name)}
        factory = one.default_factory
        if is_dataclass(factory):
            found |= findings_in_settings(factory, f"{where}.{one.name}")
    return found


def own_files(folder, *suffixes):
    for path in sorted(folder.rglob("*")):
        if path.suffix in suffixes and not {"vendor", "migrations"} & set(path.parts):
            yield path


def test_no_code_answer_or_export_holds_such_a_field():
    """JSON keys, read models, forms and headers of exports are names and texts in Python."""
    found = set()
    for path in own_files(CODE, ".py"):
        name = path.relative_to(CODE).as_posix()
        found |= findings_in_python(path.read_text(encoding="utf-8"), name)
    assert found - set(ALLOWED) == set()


def test_no_page_script_or_source_file_holds_such_a_word():
    found = set()
    for path in own_files(CODE, ".html", ".js", ".css", ".toml"):
        name = path.relative_to(CODE).as_posix()
        found |= {(name, word) for word in words_in(shown_text(path))}
    assert found - set(ALLOWED) == set()


def test_every_allowance_is_still_needed():
    for name, word in ALLOWED:
        path = CODE / name
        if path.suffix == ".py":
            assert (name, word) in findings_in_python(path.read_text(encoding="utf-8"), name)
        else:
            assert word in words_in(shown_text(path)), name


def test_no_table_keeps_such_a_column():
    assert findings_in_columns(Base.metadata) == set()


def test_no_route_leads_there(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    app = create_app(make_settings({"instance": str(tmp_path)}), database=database)
    assert findings_in_routes(app) == set()
    database.close()


def test_no_setting_turns_it_on():
    assert findings_in_settings(Settings) == set()


def test_what_the_server_knows_of_use_is_never_a_span_of_time():
    """Sessions keep when they began and were last seen, to end them; nothing else of use."""
    kept = set(Base.metadata.tables["user_sessions"].columns.keys())
    assert kept == {
        "token_sha256",
        "account_id",
        "started_at",
        "seen_at",
        "revoked_at",
        "kind",
        "label",
    }


PLANTED = [
    'WORKER_RANKING = "x"',
    "def online_time(): ...",
    "class Row:\n    onlineMinutes: int",
    "jsonify(worker_score=1)",
    'HEADERS = ("网格员", "在线时长")',
    'row["排名"] = 1',
    "def check_in(place): ...",
    'label = "请打卡"',
    'sort_by(key="attendance_rate")',
    "leaderboard.show()",
    "def f(*, top_workers): ...",
]


@pytest.mark.parametrize("source", PLANTED)
def test_a_planted_field_is_found(source):
    assert findings_in_python(source, "planted.py")


@pytest.mark.parametrize(
    "source",
    [
        "frank = crank(franking)",
        "if one in checked: ...",
        'HeadcountEvidence.ATTENDANCE_SHEET = "考勤表"',
        "score = weight(pair)",
        '"""No leaderboard, no 打卡."""',
        "x = 1  # never a ranking",
        "checking = inside(check)",
    ],
)
def test_a_harmless_word_is_not_found(source):
    assert findings_in_python(source, "planted.py") == set()


def test_a_planted_column_route_and_setting_are_found():
    from dataclasses import dataclass

    from flask import Flask
    from sqlalchemy import Column, Integer, MetaData, Table

    metadata = MetaData()
    Table("accounts", metadata, Column("online_minutes", Integer))
    assert findings_in_columns(metadata) == {("accounts.online_minutes", "online_minutes")}

    app = Flask("planted")
    app.add_url_rule("/workers/check-in", "here", lambda: "")
    app.add_url_rule("/ranking", "there", lambda: "")
    assert {word for _, word in findings_in_routes(app)} == {"check_in", "ranking"}

    @dataclass
    class Planted:
        geofence_m: int = 0

    assert findings_in_settings(Planted) == {("settings.geofence_m", "geofence")}


@pytest.mark.parametrize(
    "text", ["<p>本周排名</p>", '<a href="/leaderboard">', "data-check_in='1'"]
)
def test_a_planted_page_is_found(tmp_path, text):
    path = tmp_path / "planted.html"
    path.write_text(text, encoding="utf-8")
    assert words_in(shown_text(path))
    path.write_text("{# no ranking #}<p>走访</p>", encoding="utf-8")
    assert words_in(shown_text(path)) == set()
