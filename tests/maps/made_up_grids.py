"""Made-up grids, enterprises and words for the tests: squares of 0.01 degree near 115 E, 26 N."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date

import geopandas as gpd
import numpy as np
from shapely.geometry import Polygon, box

from maps.closer import FIRM_LOOKS, Cells, Closer, Count, FirmKind
from maps.palette import SEQUENTIAL
from maps.texts import ChoroplethTexts, CloserTexts, FirmTexts, HeatTexts, HotTexts, MapWords

WEST, SOUTH, STEP = 115.0, 26.0, 0.01
DAY = date(2026, 11, 20)

HOSTILE = (
    '<img src=x onerror="window.pwned=1">',
    "</script><script>window.pwned=1</script>",
    "${window.pwned=1}",
    "`;window.pwned=1;`",
    "\"'><svg onload=window.pwned=1>",
    "\\'; window.pwned=1; //",
    "{{7*7}}{% if 1 %}x{% endif %}{# y #}",
    "<!--<script>",
    "&lt;b&gt;\u2028window.pwned=1",
    '<link rel=stylesheet href="//elsewhere.example/x.css">',
)
"""Names that would run, load or compute something if any sink took them for more than words."""


def square(column: float, row: float, *, size: float = 1.0) -> Polygon:
    """A square whose lower left corner is `column`, `row` steps from the origin."""
    left, low = WEST + column * STEP, SOUTH + row * STEP
    return box(left, low, left + size * STEP, low + size * STEP)


def feature(properties: dict[str, object] | None = None, **changes: object) -> dict[str, object]:
    """A raw GeoJSON feature that is right unless `changes` say otherwise."""
    made: dict[str, object] = {
        "type": "Feature",
        "properties": {"code": "A1"} if properties is None else properties,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[list(pair) for pair in square(0, 0).exterior.coords]],
        },
    }
    return made | changes


def file_of(*features: object) -> bytes:
    """What a GeoJSON file with these features holds."""
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def grids(**columns: list[object]) -> gpd.GeoDataFrame:
    """Twelve grids in three rows, a township each; `columns` replace what is made up.

    Of the counts, one grid has nothing to measure and one only 4; the others have 0 to 9 of 10.
    """
    part, whole = [0, 1, *range(10)], [0, 4, *[10] * 10]
    made: dict[str, object] = {
        "key": list(range(1, 13)),
        "code": [f"{at + 1:03d}" for at in range(12)],
        "name": [f"第{at + 1}网格" for at in range(12)],
        "township": [("城南镇", "河口镇", "山背乡")[at // 4] for at in range(12)],
        "part": part,
        "whole": whole,
        "level": [1 + int(5 * a / b) if b else 0 for a, b in zip(part, whole, strict=True)],
        "few": [int(0 < b < 5) for b in whole],
        "label": [f"{a}/{b}" if b else "" for a, b in zip(part, whole, strict=True)],
    }
    made |= columns
    if "tip" not in made:
        lines = zip(made["name"], made["township"], part, whole, strict=True)
        made["tip"] = [
            f"{name}\n{town}\n" + (f"已走访 {a}/{b} 家" if b else "这里没有应走访的企业")
            for name, town, a, b in lines
        ]
    shapes = [square(at % 4, at // 4) for at in range(12)]
    return gpd.GeoDataFrame(made, geometry=shapes, crs="EPSG:4326")


def points(count: int = 200, *, seed: int = 1) -> gpd.GeoDataFrame:
    """Weighted points inside of the twelve grids, most of them around one corner."""
    rng = np.random.default_rng(seed)
    lon = WEST + 4 * STEP * rng.beta(1, 3, count)
    lat = SOUTH + 3 * STEP * rng.beta(1, 3, count)
    return gpd.GeoDataFrame(
        {"weight": np.ones(count)}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326"
    )


def firms(names: list[str], statuses: list[str] | None = None) -> gpd.GeoDataFrame:
    """Enterprises in a row through the middle of the grids."""
    places = gpd.points_from_xy(
        WEST + STEP * np.linspace(0.2, 3.8, len(names)), np.full(len(names), SOUTH + 1.5 * STEP)
    )
    status = statuses or [("late", "due", "ok", "idle")[at % 4] for at in range(len(names))]
    return gpd.GeoDataFrame({"name": names, "status": status}, geometry=places, crs="EPSG:4326")


WORDS = MapWords(
    language="zh-CN",
    credit="网格:区总工会",
    as_of="数据截至 {year}年{month}月{day}日",
    north="北",
    zoom_in="放大",
    zoom_out="缩小",
    whole="看全区",
    metre="米",
    kilometre="公里",
)
CHOROPLETH_TEXTS = ChoroplethTexts(
    words=WORDS,
    title="走访覆盖率",
    unit="应走访企业中已走访的比例",
    total="46/104 家,44%",
    classes=("0–20%", "20–40%", "40–60%", "60–80%", "80–100%"),
    class_detail="{grids} 个网格,{part}/{whole} 家",
    nothing="没有应走访的企业",
    nothing_detail="{grids} 个网格",
    few="斜线:应走访不足 5 家",
    selected="选中的网格",
    notes=("企业名单截至 11月20日",),
)
CLOSER_TEXTS = CloserTexts(cells="六边形", firms="企业")
HOT_TEXTS = HotTexts(
    words=WORDS,
    title="相对集中的地方",
    unit="重点对象",
    total="{tested} 格中 {cells} 格,{points} 家",
    nothing="没有可画的点",
    surely="误报不超过 1%",
    likely="误报不超过 5%",
    class_detail="{cells} 格",
    method="边长 {side} 米",
    untested="不足 {least} 家的不比",
    outside="另有 {points} 家不在网格内",
    tip_points="{points} 家,{weight}",
)
CELLS = Cells(
    part=Count.COVERED,
    whole=Count.ONE,
    factor=1.0,
    limits=(0.2, 0.4, 0.6, 0.8),
    colours=SEQUENTIAL,
    lined=(False,) * 5,
    labels=("0–20%", "20–40%", "40–60%", "60–80%", "80–100%"),
    few=5,
)
CLOSER = Closer(
    kinds=tuple(
        FirmKind(label=label, style=FIRM_LOOKS[at])
        for at, label in ((0, "重点对象"), (1, "接近标准"), (2, "已有工会"), (2, "已有工会"))
        for _ in range(3)
    ),
    cells=CELLS,
    texts=CLOSER_TEXTS,
)
HEAT_TEXTS = HeatTexts(
    words=WORDS,
    title="待走访企业的密集程度",
    unit="家/平方公里",
    total="{points} 家",
    class_detail="{points} 家",
    below="低于 {limit},不着色",
    bandwidth="平滑半径 {metres} 米",
    outside="另有 {points} 家不在任何网格内,没有画出",
    nothing="没有待走访的企业",
    tip_points="{points} 家",
)
FIRM_TEXTS = FirmTexts(
    words=WORDS,
    title="企业分布",
    unit="按走访状态",
    total="{firms} 家",
    class_detail="{firms} 家",
    nothing="没有企业",
    ok="已走访",
    due="到期",
    late="逾期",
    idle="不在名单",
)


def hostile_texts(texts):
    """The same texts with a hostile one in each field."""
    changes = {}
    for at, field in enumerate(fields(texts)):
        value = getattr(texts, field.name)
        payload = HOSTILE[at % len(HOSTILE)]
        if isinstance(value, MapWords):
            changes[field.name] = hostile_texts(value)
        elif isinstance(value, tuple):
            changes[field.name] = tuple(word + payload for word in value)
        elif field.name != "language":
            filled = "{" in value
            literal = payload.replace("{", "{{").replace("}", "}}") if filled else payload
            changes[field.name] = value + literal
    return replace(texts, **changes)
