"""The map of enterprises: one word and one shape for each status, names as they were typed."""

from __future__ import annotations

import json
import re

import pytest
from made_up_grids import DAY, FIRM_TEXTS, HOSTILE, firms, grids, hostile_texts
from test_maps_choropleth import legend_of

from maps.assets import Assets
from maps.errors import FrameError, LayerError
from maps.firms import firm_map


def drawn(frame, **changes) -> str:
    given = {"texts": FIRM_TEXTS, "as_of": DAY, "assets": Assets.linked("/assets")}
    return firm_map(frame, grids(), **(given | changes))


def test_the_legend_counts_each_status_the_late_ones_first() -> None:
    lines = legend_of(drawn(firms(["甲"] * 5, ["late", "late", "ok", "idle", "due"])))
    assert lines[1:11] == [
        "5 家",
        "按走访状态",
        *("逾期", "2 家", "到期", "1 家"),
        *("已走访", "1 家"),
        *("不在名单", "1 家"),
    ]


def test_points_are_written_short() -> None:
    names = [f"第{at}机械配件有限公司" for at in range(2000)]
    page = drawn(firms(names))
    (call,) = re.findall(r"addPoints\(map_0, (\[\[.*?\]\]), ", page)
    rows = json.loads(call)
    assert len(rows) == 2000
    assert all(isinstance(value, int) for row in rows for value in row[:3])
    assert len(page.encode()) < 150_000


def test_without_enterprises_the_map_says_so() -> None:
    assert legend_of(drawn(firms([])))[1] == "没有企业"


def test_a_grid_can_be_selected() -> None:
    assert "#b3001b" in drawn(firms(["甲"]), selected="003").split("</style>")[-1]


def test_a_wrong_status_or_frame_is_refused() -> None:
    with pytest.raises(LayerError, match="'closed'"):
        drawn(firms(["甲"], ["closed"]))
    with pytest.raises(FrameError, match="'name'"):
        drawn(firms(["甲"]).drop(columns="name"))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_nowhere_in_the_page_as_it_was_typed(name: str) -> None:
    assert name not in drawn(firms([name, name]), texts=hostile_texts(FIRM_TEXTS))
