from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.fusion.addresses import Gazetteer, GazetteerPlace, is_same_place


def place(name, township="东风镇"):
    return GazetteerPlace(
        name=name,
        township=township,
        lon=115.0,
        lat=25.0,
        received_lon=115.0,
        received_lat=25.0,
        datum="wgs84",
        error_m=100,
    )


GAZETTEER = Gazetteer.of([place("幸福路"), place("光明路"), place("杨村")], ["东风镇", "西河乡"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("东风镇幸福路1号", "东风镇幸福路1#"),
        ("江西省赣州市试验区东风镇幸福路1号", "东风镇幸福路1号"),
        ("试验市试验区幸福路1号", "东风镇幸福路1号"),
        ("东风镇幸福路1号3栋2单元101室", "东风镇幸福路1号3幢2单元101"),
        ("东风镇幸福路12号", "东风镇幸福路12号"),
        ("东风镇幸福路1号", "东风镇幸福路1号(集群注册)"),
        ("东风镇幸福路1号", "东风镇幸福路1号对面"),
        ("东风镇幸福路1号", "东风镇幸福路1号101室"),
        ("东风镇杨村3组", "东风镇杨村"),
        ("东风镇幸福路1号", ""),
        ("东风镇", "东风镇幸福路1号"),
    ],
)
def test_another_spelling_is_the_same_place(one, other):
    assert is_same_place(one, other, GAZETTEER)
    assert is_same_place(other, one, GAZETTEER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("东风镇幸福路1号", "东风镇幸福路2号"),
        ("东风镇幸福路1号", "东风镇幸福路12号"),
        ("东风镇幸福路1号", "东风镇光明路1号"),
        ("东风镇幸福路1号", "西河乡幸福路1号"),
        ("东风镇幸福路1号", "东风镇老菜场1号"),
        ("东风镇", "西河乡"),
    ],
)
def test_another_number_place_or_township_is_another_place(one, other):
    assert not is_same_place(one, other, GAZETTEER)
    assert not is_same_place(other, one, GAZETTEER)


@given(st.text("东风镇西河乡幸福光明路村1号23#-室", max_size=16))
def test_every_address_is_its_own_place(address):
    assert is_same_place(address, address, GAZETTEER)
