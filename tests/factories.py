"""Small files and districts with a story, made through the services that the application uses."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime

from maps.datum import Datum
from outreach.domain.accounts import Role
from outreach.domain.targets import TargetRule
from outreach.services.administration.accounts import add_account
from outreach.services.administration.districts import add_district
from outreach.services.grids.grid_workers import import_grid_workers
from outreach.services.grids.grids import import_grids
from outreach.services.linking.linking import link_district
from outreach.services.registers.gazetteer import import_gazetteer
from outreach.services.registers.imports import import_file
from outreach.sources.workbooks import Limits

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MONDAY = date(2026, 11, 23)
LIMITS = Limits()
PASSWORD = "a long pass phrase"

MARKET = (
    "序号",
    "统一社会信用代码",
    "企业名称",
    "法定代表人",
    "联系电话",
    "住所",
    "登记状态",
    "从业人数",
    "数据日期",
)
HR = ("单位编号", "统一社会信用代码", "单位名称", "单位地址", "参保状态", "参保人数", "所属期")
UNION = (
    "单位信用代码",
    "工会统一社会信用代码",
    "工会名称",
    "所在单位",
    "工会主席",
    "职工人数",
    "建会/更新日期",
)

# Valid codes whose firms are made up: the check characters are right.
CODES = ("91360704000000019B", "91360704MA00000152", "9136070400000006XE", "91360704000000190D")


def write_csv(path, header, rows, *, encoding="utf-8", title=None):
    """Write a register as an office would export it."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        if title:
            writer.writerow([title, *[""] * (len(header) - 1)])
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_market(path, rows):
    return write_csv(path, MARKET, rows)


def firm(
    number,
    *,
    code="",
    name=None,
    address="东风镇幸福路1号",
    state="存续",
    employees="",
    phone="",
    day="2026-10-01",
):
    """One row of the market register."""
    return (
        number,
        code,
        name or f"东风{number}有限公司",
        "王小明",
        phone,
        address,
        state,
        employees,
        day,
    )


def write_grids(path, *, township="东风镇"):
    """Two square grids side by side, about 1 km wide."""

    def square(code, name, west):
        east = west + 0.01
        ring = [[west, 25.0], [east, 25.0], [east, 25.01], [west, 25.01], [west, 25.0]]
        return {
            "type": "Feature",
            "properties": {"网格编码": code, "网格名称": name, "所属镇街": township},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    features = [square("G1", "东风第1网格", 115.0), square("G2", "东风第2网格", 115.01)]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False),
        encoding="utf-8",
    )
    return path


def write_workers(path):
    header = ("网格编码", "网格员", "联系电话", "办公点经度", "办公点纬度")
    rows = [("G1", "李一", "100", "115.005", "25.005"), ("G2", "周二", "200", "115.015", "25.005")]
    return write_csv(path, header, rows, encoding="gb18030")


def write_places(path):
    """A road in G1, a park in G2, a town known only roughly, a road that two towns have."""
    header = ("地名", "所属镇街", "经度", "纬度", "误差米")
    rows = [
        ("幸福路", "东风镇", "115.004", "25.004", "150"),
        ("光明工业园", "东风镇", "115.016", "25.006", "150"),
        ("东风镇", "东风镇", "115.005", "25.005", "3000"),
        ("解放路", "东风镇", "115.006", "25.006", "150"),
        ("解放路", "西河乡", "115.5", "25.5", "150"),
    ]
    return write_csv(path, header, rows)


def make_district(session, folder, *, code="900001", market=(), hr=(), union=()):
    """A district with two grids, two workers, five places and the given registers, linked."""
    district = add_district(session, code=code, name=f"试验区{code}")
    known = {"district_id": district.id, "limits": LIMITS, "now": NOW}
    folder.mkdir(parents=True, exist_ok=True)
    import_grids(session, write_grids(folder / "grids.geojson"), datum=Datum.WGS84, **known)
    import_grid_workers(session, write_workers(folder / "workers.csv"), datum=Datum.WGS84, **known)
    import_gazetteer(session, write_places(folder / "places.csv"), datum=Datum.WGS84, **known)
    for name, header, rows in (("market", MARKET, market), ("hr", HR, hr), ("union", UNION, union)):
        if rows:
            import_file(session, write_csv(folder / f"{name}.csv", header, rows), **known)
    link(session, district)
    return district


def link(session, district, *, rule=None, today=TODAY):
    return link_district(
        session, district_id=district.id, rule=rule or TargetRule(), now=NOW, today=today
    )


def make_account(session, district, role=Role.DISTRICT, *, login=None, grid_code=None):
    return add_account(
        session,
        district_id=district.id,
        login=login or f"{role.value}-{district.code}-{grid_code or ''}",
        password=PASSWORD,
        role=role,
        display_name="试验",
        now=NOW,
        grid_code=grid_code,
    )
