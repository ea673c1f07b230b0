from __future__ import annotations

import pytest

from outreach.domain.doors import DoorPlace, group_doors, is_one_building, split_address

METRE = 1 / 111_195
"""A metre of latitude in degrees, by the radius that distances are measured with."""


def place(address="", *, north_m=0.0, error_m=300.0):
    return DoorPlace(lon=115.0, lat=25.0 + north_m * METRE, error_m=error_m, address=address)


@pytest.mark.parametrize(
    ("address", "building", "floor"),
    [
        ("江西省赣州市赣县区梅林镇金谷大厦8栋24-3", "金谷大厦8栋", 24),
        ("赣县区梅林镇金谷大厦8栋2501室", "金谷大厦8栋", 25),
        ("金谷大厦３层", "金谷大厦", 3),
        ("金谷大厦3楼301室", "金谷大厦", 3),
        ("金谷大厦十二楼", "金谷大厦", 12),
        ("金谷大厦二十楼", "金谷大厦", 20),
        ("东岭工业园区14栋4层", "东岭工业园区14栋", 4),
        ("幸福路10号1368室", "幸福路10号", 13),
        ("幸福路10号", "幸福路10号", None),
        ("横街166号45号店面", "", None),
        ("晒谷镇龙田村6组", "", None),
        ("", "", None),
    ],
)
def test_an_address_tells_the_building_and_the_floor(address, building, floor):
    assert split_address(address) == (building, floor)


@pytest.mark.parametrize(("metres", "same"), [(299, True), (301, False)])
def test_one_written_address_is_one_building_within_300_metres(metres, same):
    one, other = place("金谷大厦8栋3层"), place("金谷大厦8栋5层", north_m=metres)
    assert is_one_building(one, other) is same


@pytest.mark.parametrize(
    ("metres", "error_m", "same"), [(19, 50, True), (21, 50, False), (19, 51, False)]
)
def test_two_exact_points_are_one_building_within_20_metres(metres, error_m, same):
    one, other = place(error_m=20), place(north_m=metres, error_m=error_m)
    assert is_one_building(one, other) is same


def test_firms_at_the_middle_of_a_road_are_not_one_building():
    assert not is_one_building(place("幸福路1号"), place("幸福路2号"))
    assert not is_one_building(place("龙田村6组"), place("龙田村6组"))


def test_only_neighbours_on_the_way_share_a_door():
    here, there = "金谷大厦8栋", "幸福路10号"
    addresses = (f"{here}3层", f"{here}5层", there, f"{here}9层")
    assert group_doors([place(one) for one in addresses]) == [0, 0, 2, 3]
    assert group_doors([]) == []
