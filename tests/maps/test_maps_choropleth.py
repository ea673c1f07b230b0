"""The map of grids: classes, denominators, texts and refusals, read from its HTML."""

from __future__ import annotations

import html
import re

import pytest
from made_up_grids import CHOROPLETH_TEXTS, CLOSER, DAY, HOSTILE, WORDS, grids, hostile_texts

from maps.assets import Assets
from maps.base_map import BaseMap
from maps.choropleth import DIVERGING, choropleth_map
from maps.errors import ForeignAssetError, FrameError, LayerError
from maps.palette import ACCENT, PAPER, SEQUENTIAL

LINKED = Assets.linked("/assets")


def drawn(frame=None, **changes) -> str:
    given = {"texts": CHOROPLETH_TEXTS, "as_of": DAY, "assets": LINKED}
    return choropleth_map(grids() if frame is None else frame, **(given | changes))


def legend_of(page: str) -> list[str]:
    aside = page[page.index("<aside") : page.index("</aside>")]
    return [html.unescape(part) for part in re.split(r"<[^>]+>", aside) if part.strip()]


def readable(page: str) -> str:
    """The page with the escapes of its scripts undone."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), page)


def test_the_legend_says_counts_denominators_date_and_credit() -> None:
    assert legend_of(drawn()) == [
        "走访覆盖率",
        "46/104 家,44%",
        "应走访企业中已走访的比例",
        *["80–100%", "2 个网格,17/20 家"],
        *["60–80%", "2 个网格,13/20 家"],
        *["40–60%", "2 个网格,9/20 家"],
        *["20–40%", "3 个网格,6/24 家"],
        *["0–20%", "2 个网格,1/20 家"],
        *["没有应走访的企业", "1 个网格"],
        "斜线:应走访不足 5 家",
        "企业名单截至 11月20日",
        "数据截至 2026年11月20日",
        "网格:区总工会",
    ]


@pytest.mark.parametrize(("few", "hatched"), [(1, True), (0, False)])
def test_a_rate_of_few_is_hatched(few: int, hatched: bool) -> None:
    page = drawn(grids(few=[few] * 12, level=[5] * 12))
    assert (f"url(#hatched-{SEQUENTIAL[4][1:]})" in page) is hatched
    assert ("斜线" in page) is hatched


def test_a_grid_with_nothing_to_measure_is_dotted_and_says_so() -> None:
    page = drawn(grids(level=[0] * 12, few=[0] * 12))
    assert f'"fillColor": "url(#dotted-{PAPER[1:]})"' in page
    assert "12 个网格" in legend_of(page)
    assert "这里没有应走访的企业" in readable(page)


def test_what_lies_below_the_middle_is_lined_as_well_as_coloured() -> None:
    page = drawn(grids(level=[1, 2, 3, 4, 5] * 2 + [1, 2], few=[0] * 12), look=DIVERGING)
    fills = set(re.findall(r'"fillColor": "([^"]+)"', page))
    assert fills == {
        *(f"url(#lined-{colour[1:]})" for colour in DIVERGING.colours[:2]),
        *DIVERGING.colours[2:],
    }


def test_a_map_that_shows_firms_later_holds_none_and_explains_them() -> None:
    page = drawn(closer=CLOSER)
    assert "mapCloser.start(" in page
    assert "mapCloser" not in drawn()
    legend = legend_of(page)
    assert legend[legend.index("企业") : legend.index("企业") + 4] == [
        "企业",
        "重点对象",
        "接近标准",
        "已有工会",
    ]
    assert "六边形" in legend


def test_a_base_map_is_the_only_host_that_a_page_may_ask() -> None:
    base = BaseMap(
        template="https://t{s}.example/{z}/{x}/{y}",
        servers="01",
        hosts=("https://t0.example", "https://t1.example"),
    )
    page = drawn(base=base)
    assert "img-src data: https://t0.example https://t1.example;" in page
    assert page.count("https://") == 3
    assert '"fillOpacity": 0.65' in page
    assert "img-src data:;" in drawn()


@pytest.mark.parametrize(
    ("template", "hosts"),
    [
        ('https://a.example/{z}/{x}/{y}" onload=1', ("https://a.example",)),
        ("javascript:alert(1)/{z}/{x}/{y}", ("https://a.example",)),
        ("https://a.example/{z}/{x}", ("https://a.example",)),
        ("https://a.example/{z}/{x}/{y}", ("https://a.example; script-src *",)),
        ("https://a.example/{z}/{x}/{y}", ("*",)),
    ],
)
def test_an_address_that_could_widen_the_policy_is_refused(template, hosts) -> None:
    with pytest.raises(ForeignAssetError):
        BaseMap(template=template, hosts=hosts)


def test_the_selected_grid_is_outlined_in_the_accent() -> None:
    assert ACCENT not in drawn().split("</style>")[-1]
    page = drawn(selected="003").split("</style>")[-1]
    assert f'"color": "{ACCENT}"' in page
    assert "选中的网格" in page


def test_an_unknown_selected_grid_and_a_wrong_frame_are_refused() -> None:
    with pytest.raises(LayerError, match="'099'"):
        drawn(selected="099")
    with pytest.raises(FrameError, match="'whole'"):
        drawn(grids().drop(columns="whole"))
    with pytest.raises(FrameError, match="holds 6; use 1 to 5"):
        drawn(grids(level=[6] * 12))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_nowhere_in_the_page_as_it_was_typed(name: str) -> None:
    frame = grids(name=[name] * 12, township=[name] * 12, code=[f"{name}{at}" for at in range(12)])
    page = drawn(frame, texts=hostile_texts(CHOROPLETH_TEXTS), selected=f"{name}3")
    assert name not in page
    assert "window.pwned=1>" not in page
    assert "49" not in set(legend_of(page))


def test_the_page_is_in_the_language_of_its_texts() -> None:
    assert f'<html lang="{WORDS.language}">' in drawn()


def test_a_linked_page_of_twelve_grids_is_small_and_names_no_host() -> None:
    page = drawn()
    assert len(page.encode()) < 40_000
    assert "://" not in page
    assert drawn() == page
