from __future__ import annotations

import factories as f
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from outreach.domain.accounts import Role
from outreach.services.administration.accounts import principal_of
from outreach.services.administration.principals import command_line
from outreach.services.desk.desk_changes import refresh_all, refresh_figures
from outreach.services.enterprises.pinyin import initials_of
from outreach.services.enterprises.search import MOST_SHOWN, find_enterprises
from outreach.services.enterprises.search_index import pack, refresh_index, unpack
from outreach.storage.accounts import AuditEntry
from outreach.storage.desk import DeskState, SearchPosting
from outreach.storage.enterprises import Enterprise

MARKET = [
    f.firm(1, code=f.CODES[0], name="重庆鑫源贸易有限公司", employees="40", phone="13800138001"),
    f.firm(2, code=f.CODES[1], name="赣县鑫源机械厂", employees="50", phone="13800138002"),
    f.firm(3, name="光明食品厂", employees="60", address="东风镇光明工业园1号", phone="4441234"),
]


@pytest.fixture
def district(session, tmp_path):
    district = f.make_district(session, tmp_path / "files", market=MARKET)
    index(session, district)
    return district


def index(session, district):
    refresh_figures(session, district.id, now=f.NOW, while_waiting=False)
    return refresh_index(session, district.id, now=f.NOW)


def names(session, principal, text, **options):
    found = find_enterprises(session, principal, text, now=f.NOW, **options)
    return [line.name for line in found.lines]


def test_firms_are_found_by_name_initials_code_and_address(session, district):
    desk = command_line(district.id)
    assert names(session, desk, "鑫源") == ["赣县鑫源机械厂", "重庆鑫源贸易有限公司"]
    assert names(session, desk, "cqxy") == ["重庆鑫源贸易有限公司"]
    assert names(session, desk, f.CODES[1].lower()) == ["赣县鑫源机械厂"]
    assert names(session, desk, "光明工业园1") == ["光明食品厂"]
    assert names(session, desk, "鑫源 机械") == ["赣县鑫源机械厂"]
    assert names(session, desk, "没有这家") == []


def test_a_whole_number_finds_its_firm_and_leaves_an_audit_entry_without_the_number(
    session, district
):
    desk = command_line(district.id)
    assert names(session, desk, "13800138002", by_phone=True) == ["赣县鑫源机械厂"]
    assert names(session, desk, "1380013800", by_phone=True) == []
    assert names(session, desk, "13800138002") == []
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "search_phone")).all()
    assert len(entries) == 2
    assert all("138" not in f"{e.subject_id}{e.detail}" for e in entries)


def test_a_grid_worker_finds_the_firms_of_her_own_grid_only(session, district):
    own = principal_of(session, f.make_account(session, district, Role.GRID_WORKER, grid_code="G2"))
    assert names(session, own, "光明") == ["光明食品厂"]
    assert names(session, own, "gmsp") == ["光明食品厂"]
    assert names(session, own, "鑫源") == []
    assert names(session, own, "13800138001", by_phone=True) == []


def test_another_district_finds_nothing_of_this_one(session, district, tmp_path):
    away = f.make_district(session, tmp_path / "away", code="900002", market=MARKET[:1])
    index(session, away)
    assert names(session, command_line(away.id), "光明") == []
    assert names(session, command_line(district.id), "cqxy") == ["重庆鑫源贸易有限公司"]


def test_a_renamed_firm_is_found_by_its_new_name_and_no_longer_by_the_old(session, district):
    desk = command_line(district.id)
    firm = session.scalar(select(Enterprise).where(Enterprise.name == "光明食品厂"))
    firm.name = "灿烂食品厂"
    session.flush()
    assert names(session, desk, "光明食品") == []
    assert refresh_index(session, district.id, now=f.NOW) == 1
    assert names(session, desk, "灿烂") == ["灿烂食品厂"]
    assert names(session, desk, "clsp") == ["灿烂食品厂"]
    assert names(session, desk, "gmsp") == []


def test_few_changes_make_a_small_segment_beside_the_whole(session, district, monkeypatch):
    monkeypatch.setattr("outreach.services.enterprises.search_index.REBUILD_SHARE", 0.5)
    before = session.scalar(select(func.count()).select_from(SearchPosting))
    session.scalar(select(Enterprise).where(Enterprise.name == "光明食品厂")).name = "灿烂食品厂"
    session.flush()
    refresh_index(session, district.id, now=f.NOW)
    segments = set(session.scalars(select(SearchPosting.segment)))
    assert segments == {0, 1}
    assert session.scalar(select(func.count()).select_from(SearchPosting)) > before
    assert names(session, command_line(district.id), "灿烂") == ["灿烂食品厂"]
    assert names(session, command_line(district.id), "东风镇 灿烂") == ["灿烂食品厂"]


def test_nothing_is_indexed_again_while_nothing_changed(session, district):
    assert refresh_index(session, district.id, now=f.NOW) == 0


def test_a_common_word_shows_the_first_and_says_that_there_are_more(session, tmp_path):
    many = [f.firm(n, name=f"普通{n}号商店", employees=str(n)) for n in range(MOST_SHOWN + 1)]
    district = f.make_district(session, tmp_path / "many", code="900003", market=many)
    index(session, district)
    desk = command_line(district.id)
    found = find_enterprises(session, desk, "普通", now=f.NOW)
    assert len(found.lines) == MOST_SHOWN
    assert found.is_cut
    assert found.lines[0].name == f"普通{MOST_SHOWN}号商店"
    assert not find_enterprises(session, desk, "普通50号", now=f.NOW).is_cut


@pytest.mark.parametrize("common", [1, 10_000])
def test_a_common_word_finds_the_same_with_and_without_the_short_way(
    session, tmp_path, monkeypatch, common
):
    monkeypatch.setattr("outreach.services.enterprises.search.COMMON", common)
    many = [f.firm(n, name=f"普通{n}号商店", employees=str(n)) for n in range(MOST_SHOWN + 1)]
    rare = [f.firm(90, name="商普通店", employees="90")]
    district = f.make_district(session, tmp_path / "many", code="900005", market=[*many, *rare])
    index(session, district)
    desk = command_line(district.id)
    assert len(names(session, desk, "普通")) == MOST_SHOWN
    assert names(session, desk, "商普通") == ["商普通店"]
    assert names(session, desk, "通普商店") == []


def test_before_the_first_indexing_firms_are_found_by_name_and_code(session, tmp_path):
    district = f.make_district(session, tmp_path / "bare", code="900004", market=MARKET)
    desk = command_line(district.id)
    found = find_enterprises(session, desk, "鑫源", now=f.NOW)
    assert len(found.lines) == 2
    assert not found.is_indexed
    assert names(session, desk, f.CODES[1]) == ["赣县鑫源机械厂"]


def test_a_single_character_is_too_short(session, district):
    found = find_enterprises(session, command_line(district.id), "鑫", now=f.NOW)
    assert found.too_short
    assert found.lines == ()


def test_the_background_worker_indexes_what_it_counted(database, tmp_path):
    with database.transaction() as session:
        district = f.make_district(session, tmp_path / "files", market=MARKET)
    refresh_all(database, clock=lambda: f.NOW)
    with database.transaction() as session:
        assert session.get(DeskState, district.id).searched_at is not None
        assert names(session, command_line(district.id), "光明") == ["光明食品厂"]


@pytest.mark.parametrize(
    ("name", "initials"),
    [("重庆重工", "CQZG"), ("银行", "YH"), ("ABC科技2号", "ABCKJ2H"), ("", ""), ("（赣县）", "GX")],
)
def test_initials_follow_the_reading_of_the_word(name, initials):
    assert initials_of(name) == initials


@given(st.sets(st.integers(1, 2**31 - 1), max_size=200))
def test_a_packed_list_comes_back_as_it_was(keys):
    ordered = np.array(sorted(keys), dtype=np.uint32)
    assert unpack(pack(ordered)).tolist() == ordered.tolist()
