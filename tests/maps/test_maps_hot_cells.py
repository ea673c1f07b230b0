"""Concentrations: the statistic against its own definition, and how often chance is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grids import DAY, HOSTILE, HOT_TEXTS, grids, hostile_texts, points
from test_maps_choropleth import legend_of

from maps.assets import Assets
from maps.errors import DensityError
from maps.hot import hot_map
from maps.hot_cells import LIKELY, false_discovery_shares, gi_star, hot_cells

LINKED = Assets.linked("/assets")


def around(side: int) -> list[np.ndarray]:
    """Squares of a board, each with those that touch it and itself."""
    cells = [(x, y) for x in range(side) for y in range(side)]
    return [
        np.array([at for at, (a, b) in enumerate(cells) if max(abs(a - x), abs(b - y)) <= 1])
        for x, y in cells
    ]


def test_the_statistic_is_that_of_ord_and_getis() -> None:
    rng = np.random.default_rng(1)
    figure, neighbours = rng.poisson(3, 49).astype(float), around(7)
    n, mean = 49, figure.mean()
    spread = np.sqrt((figure**2).sum() / n - mean**2)
    for at, z in enumerate(gi_star(figure, neighbours)):
        w = np.zeros(n)
        w[neighbours[at]] = 1
        below = spread * np.sqrt((n * (w**2).sum() - w.sum() ** 2) / (n - 1))
        assert z == pytest.approx(((w * figure).sum() - mean * w.sum()) / below)


def test_equal_figures_are_nowhere_concentrated() -> None:
    assert np.isnan(gi_star(np.full(9, 4.0), around(3))).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_shares_are_those_of_benjamini_and_hochberg(found) -> None:
    p = np.array(found)
    q = false_discovery_shares(p)
    ordered = np.sort(p)
    for level in (0.01, 0.05, 0.3):
        passing = [k for k in range(len(p)) if ordered[k] <= level * (k + 1) / len(p)]
        named = max(passing) + 1 if passing else 0
        # A share exactly on the level may fall to either side by rounding.
        assert (q <= level - 1e-12).sum() <= named <= (q <= level + 1e-12).sum()
    assert (q >= p - 1e-15).all()


def scattered(seed: int, *, town: float = 0.0):
    """2,000 firms over 20 km, a third of which count; in one corner `town` more do."""
    rng = np.random.default_rng(seed)
    lon, lat = 115 + 0.2 * rng.random(2000), 26 + 0.2 * rng.random(2000)
    corner = (lon < 115.05) & (lat < 26.05)
    return lon, lat, (rng.random(2000) < 0.3 + town * corner).astype(float)


def test_chance_alone_is_seldom_named() -> None:
    named, tested, plain = 0, 0, 0
    for seed in range(20):
        found = hot_cells(*scattered(seed))
        named += int((found.q <= LIKELY).sum())
        plain += int((found.z > 1.96).sum())
        tested += found.tested
    # Without the control some two cells in a hundred are named, on every map that is looked at.
    assert plain > 0.01 * tested
    assert named < 0.2 * plain


def test_a_town_where_more_firms_count_is_found() -> None:
    lon, lat, weight = scattered(3, town=0.6)
    found = hot_cells(lon, lat, weight)
    middle = found.cells.geometry.representative_point()
    hot = found.q <= LIKELY
    assert hot.sum() >= 5
    assert (middle.x[hot] < 115.08).all()
    assert (middle.y[hot] < 26.08).all()


@pytest.mark.parametrize(("firms", "tested"), [(4, False), (5, True)])
def test_a_place_with_fewer_than_five_firms_is_not_tested(firms: int, tested: bool) -> None:
    lon = [115.0] * firms + [115.5, 115.7, 115.9] * 9
    lat = [26.0] * firms + [26.0] * 27
    found = hot_cells(lon, lat, [1.0] * firms + [0.0] * 27)
    at = int(found.cells["weight"].argmax())
    assert np.isfinite(found.z[at]) == tested
    if not tested:
        assert found.q[at] == 1.0


def test_a_least_number_below_one_and_no_points_are_refused() -> None:
    with pytest.raises(DensityError, match="at least 1 point"):
        hot_cells([115.0], [26.0], [1.0], least=0)
    with pytest.raises(DensityError, match="without points"):
        hot_cells([], [], [])


def drawn(frame=None, **changes) -> str:
    given = {"texts": HOT_TEXTS, "as_of": DAY, "assets": LINKED}
    return hot_map(points() if frame is None else frame, grids(), **(given | changes))


def test_the_map_says_what_was_tested_how_and_with_which_error() -> None:
    legend = legend_of(drawn())
    assert legend[0] == "相对集中的地方"
    assert legend[1].endswith("200 家")
    for words in ("误报不超过 1%", "误报不超过 5%", "边长 750 米", "不足 5 家的不比"):
        assert words in legend


def test_a_map_without_points_says_so() -> None:
    assert "没有可画的点" in legend_of(drawn(points().iloc[:0]))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_word_is_nowhere_in_the_page_as_it_was_typed(name: str) -> None:
    frame = grids(name=[name] * 12, township=[name] * 12)
    page = hot_map(points(), frame, texts=hostile_texts(HOT_TEXTS), as_of=DAY, assets=LINKED)
    assert name not in page
