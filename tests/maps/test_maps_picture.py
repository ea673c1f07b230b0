from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from shapely.geometry import MultiPolygon, Point, box

from maps.errors import LayerError
from maps.palette import SEQUENTIAL
from maps.picture import (
    PictureArea,
    PictureTexts,
    class_of,
    named_places,
    rounded_length,
    share_picture,
)

FONT = "DejaVu Sans"
TEXTS = PictureTexts(
    title="$title$",
    legend="share",
    nothing="nothing",
    few="few",
    foot="foot",
    north="N",
    kilometres="km",
)


def rgb(colour):
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def colours(areas):
    with Image.open(BytesIO(share_picture(areas, TEXTS, font=FONT))) as image:
        found = image.convert("RGB")
        assert found.size == (1650, 1230)
        return {colour for _, colour in found.getcolors(found.width * found.height)}


def test_areas_are_filled_by_the_class_of_their_share():
    halves = (box(115, 25, 115.1, 25.1), box(115.1, 25, 115.2, 25.1))
    areas = [
        PictureArea(geometry=halves[0], share=0.05),
        PictureArea(geometry=MultiPolygon([halves[1]]), share=0.95, label="19/20"),
    ]
    seen = colours(areas)
    assert {rgb(SEQUENTIAL[0]), rgb(SEQUENTIAL[4])} <= seen


def test_each_name_is_written_once_inside_of_the_largest_part_that_bears_it():
    small, large, beside = box(0, 0, 1, 1), box(2, 0, 5, 3), box(5, 0, 8, 3)
    places = named_places(["east", "west", "", "west"], [small, large, box(9, 9, 10, 10), beside])
    assert [place.name for place in places] == ["east", "west"]
    assert small.contains(Point(places[0].lon, places[0].lat))
    assert large.union(beside).contains(Point(places[1].lon, places[1].lat))


def drawn_texts(monkeypatch, areas, **more):
    """Every text that is written onto the picture of areas."""
    from matplotlib.axes import Axes

    written, real = [], Axes.text

    def note(self, x, y, text, **how):
        written.append(text)
        return real(self, x, y, text, **how)

    monkeypatch.setattr(Axes, "text", note)
    share_picture(areas, TEXTS, font=FONT, **more)
    return written


def test_names_of_places_are_written_and_that_of_an_area_only_where_it_fits(monkeypatch):
    areas = [
        PictureArea(geometry=box(115, 25, 115.1, 25.1), share=0.1, label="1/9", name="wide"),
        PictureArea(geometry=box(115.1, 25, 115.101, 25.1), share=0.1, label="2/9", name="narrow"),
    ]
    (town,) = named_places(["town"], [areas[0].geometry])
    written = drawn_texts(monkeypatch, areas, places=[town])
    assert {"wide\n1/9", "2/9", "town"} <= set(written)


@pytest.mark.parametrize(
    ("share", "place"), [(0, 0), (0.199, 0), (0.2, 1), (0.6, 3), (3 / 5, 3), (0.8, 4), (1, 4)]
)
def test_a_limit_belongs_to_the_upper_class(share, place):
    assert class_of(share) == place


def test_nothing_to_draw_is_refused():
    with pytest.raises(LayerError):
        share_picture([], TEXTS, font=FONT)


@given(st.floats(1, 1e6))
def test_the_scale_is_a_round_length_that_fits(most):
    length = rounded_length(most)
    assert length <= most
    assert length > most / 2.51
    assert f"{length:e}"[0] in "125"
