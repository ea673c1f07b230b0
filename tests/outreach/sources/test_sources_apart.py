"""A file is read in a process of its own, and nothing that it does reaches ours."""

from __future__ import annotations

import json
import subprocess
import time
import zipfile
from dataclasses import replace

import made_up_files as made
import pytest

from outreach.errors import FileRefused
from outreach.sources import apart
from outreach.sources.apart import read_sheets_apart
from outreach.sources.workbooks import Limits, read_sheets

ROWS = [["企业名称", "代码"], ["东风<b>乳品", "'001"], ["${x}", "\t=1+1"]]


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch, request):
    if "small" not in request.node.name:
        monkeypatch.setattr(apart, "SMALL_TEXT_BYTES", 0)


@pytest.fixture
def write(tmp_path):
    def put(content, name="received"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


@pytest.mark.parametrize(
    "content",
    [
        made.csv_text(*ROWS).encode(),
        made.csv_text(*ROWS).encode("gb18030"),
        made.xlsx_bytes(("一", ROWS)),
        made.xls_bytes(ROWS),
    ],
    ids=["csv", "gb18030", "xlsx", "xls"],
)
def test_a_child_reads_what_we_would_read(write, content):
    path = write(content)
    assert read_sheets_apart(path, Limits()) == read_sheets(path, Limits())


def test_a_refusal_of_the_child_is_ours_with_its_values(write):
    with pytest.raises(FileRefused, match="其实是网页") as refused:
        read_sheets_apart(write(b"<html><body>", "x.xls"), Limits())
    assert refused.value.values == {"file": "x.xls"}


def big_workbook():
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="str"><v>%d</v></c></row>' % (n, n, n) for n in range(1, 120_000)
    )
    return made.xlsx_bytes(("一", ROWS)), cells


@pytest.fixture
def heavy(write):
    """A workbook of 120,000 rows: too much for a tight limit, read with the usual ones."""
    small, cells = big_workbook()
    path = write(small)
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    sheet = next(name for name in parts if name.startswith("xl/worksheets/"))
    start, end = parts[sheet].index(b"<sheetData>"), parts[sheet].index(b"</sheetData>")
    parts[sheet] = parts[sheet][: start + 11] + cells + parts[sheet][end:]
    return write(made.zip_bytes(parts), "heavy.xlsx")


@pytest.mark.parametrize(
    "limit",
    [{"most_memory_bytes": 40_000_000}, {"most_wall_seconds": 0.3}],
    ids=["memory", "wall time"],
)
def test_a_child_at_its_limit_is_a_refusal_and_we_live_on(heavy, limit):
    with pytest.raises(FileRefused, match="太多时间或内存"):
        read_sheets_apart(heavy, replace(Limits(), **limit))
    assert read_sheets_apart(heavy, Limits())[0].rows[-1] == ["119999"]


def test_the_child_limits_its_own_processor_time(monkeypatch):
    import resource

    asked = {}
    monkeypatch.setattr(resource, "setrlimit", lambda kind, pair: asked.update({kind: pair}))
    apart._limit_myself(Limits(most_cpu_seconds=7, most_memory_bytes=1000))
    assert asked[resource.RLIMIT_CPU] == (7, 8)
    assert asked[resource.RLIMIT_AS] == (1000, 1000)
    assert asked[resource.RLIMIT_FSIZE] == (0, 0)


@pytest.mark.parametrize(
    ("code", "said"), [(-9, b""), (1, b'{"sheets": []}'), (0, b"\xff"), (0, b"")]
)
def test_a_child_that_breaks_down_is_a_refusal(write, monkeypatch, code, said):
    path = write(b"a,b\n1,2\n")
    broken = subprocess.CompletedProcess([], code, stdout=said, stderr=b"")
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: broken)
    with pytest.raises(FileRefused, match="没有读完"):
        read_sheets_apart(path, Limits())


def test_the_child_gets_none_of_our_secrets(write, monkeypatch):
    seen = {}

    def run(command, **options):
        seen.update(options, command=command)
        return subprocess.CompletedProcess([], 0, stdout=json.dumps({"sheets": []}).encode())

    monkeypatch.setenv("OUTREACH_DATABASE_URL", "postgresql://user:secret@host/db")
    monkeypatch.setattr(subprocess, "run", run)
    read_sheets_apart(write(b"a"), Limits())
    assert "secret" not in str(seen["env"])
    assert seen["stdin"] is subprocess.DEVNULL


def test_a_usual_file_costs_little_more_apart(write):
    rows = [made.MARKET_HEADER, *([made.DAIRY] * 5000)]
    path = write(made.csv_text(*rows).encode())

    def best(reader):
        spans = []
        for _ in range(3):
            start = time.perf_counter()
            reader(path, Limits())
            spans.append(time.perf_counter() - start)
        return min(spans)

    assert best(read_sheets_apart) - best(read_sheets) < 2.0  # 0.2 s on a machine with nothing else


@pytest.mark.parametrize(
    ("content", "apart_needed"),
    [
        (b"a,b\n" * 250_000, False),
        (b"a,b\n" * 250_000 + b"x", True),
        (made.xlsx_bytes(("\u4e00", ROWS)), True),
        (made.xls_bytes(ROWS), True),
    ],
    ids=["at the limit", "above it", "xlsx", "xls"],
)
def test_only_a_small_text_is_read_by_ourselves(write, monkeypatch, content, apart_needed):
    children = []

    def run(command, **_options):
        children.append(command)
        return subprocess.CompletedProcess([], 0, stdout=b'{"sheets": []}')

    monkeypatch.setattr(subprocess, "run", run)
    read_sheets_apart(write(content), Limits())
    assert bool(children) is apart_needed
