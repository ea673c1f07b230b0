from __future__ import annotations

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.targets import Standing, TargetRule
from outreach.errors import Conflict, NotFound
from outreach.services.administration.districts import (
    add_district,
    current_district,
    receiving_district,
)
from outreach.services.administration.principals import command_line
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, list_enterprises
from outreach.services.enterprises.enterprises import count_unplaced, current_id, get_enterprise
from outreach.services.enterprises.targets import assess_district
from outreach.services.registers.imports import import_file, list_issues
from outreach.settings import DistrictSettings
from outreach.storage.enterprises import Enterprise, EnterpriseAlias, Member

A, B = f.CODES[0], f.CODES[1]


def enterprises(session):
    return {
        e.name: e for e in session.scalars(select(Enterprise).where(Enterprise.retired.is_(False)))
    }


def test_rows_of_three_registers_meet_in_one_enterprise_by_its_code(session, tmp_path):
    f.make_district(
        session,
        tmp_path,
        market=[f.firm(1, code=A, name="东风食品有限公司", employees="20")],
        hr=[("8001", A, "东风食品有限公司", "东风镇幸福路1号", "正常参保", "31", "2026-10")],
        union=[
            (
                A,
                "81360704MC0000012X",
                "东风食品有限公司工会委员会",
                "东风食品有限公司",
                "张三",
                "30",
                "2025-01-01",
            )
        ],
    )
    assert len(enterprises(session)) == 1
    enterprise = enterprises(session)["东风食品有限公司"]
    assert (enterprise.headcount_source, enterprise.headcount_class) == (None, "surely_over")
    assert enterprise.headcount_low <= enterprise.employees <= enterprise.headcount_high
    assert enterprise.union_status == "own"
    assert {h["source"] for h in enterprise.headcounts} == {"market", "social_security", "members"}


def test_rows_read_are_rows_linked_plus_rows_held(session, tmp_path):
    rows = [f.firm(1, code=A), f.firm(2), (3, "", "", "", "", "某路", "存续", "5", "2026-10-01")]
    district = f.make_district(session, tmp_path, market=rows)
    report = f.link(session, district)
    assert (report.rows_read, report.rows_linked, report.rows_held) == (3, 2, 1)
    assert report.enterprises == report.placed + report.unplaced == 2


def test_two_different_valid_codes_are_never_merged(session, tmp_path):
    rows = [f.firm(1, code=A, name="同名有限公司"), f.firm(2, code=B, name="同名有限公司")]
    f.make_district(session, tmp_path, market=rows)
    codes = set(session.scalars(select(Enterprise.uscc).where(Enterprise.retired.is_(False))))
    assert codes == {A, B}


def test_a_firm_is_placed_by_the_gazetteer_in_its_grid_with_an_error_radius(session, tmp_path):
    f.make_district(session, tmp_path, market=[f.firm(1, address="试验市东风镇光明工业园3号")])
    enterprise = next(iter(enterprises(session).values()))
    assert (enterprise.place_name, enterprise.position_error_m) == ("光明工业园", 150)
    assert (enterprise.received_lon, enterprise.datum) == (115.016, "wgs84")
    assert enterprise.grid_id is not None
    assert enterprise.unplaced_reason is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "no_address"),
        ("东风镇东风街无名处", "township_only"),
        ("解放路5号", "several_places"),
        ("某处1号", "no_known_place"),
        ("西河乡解放路5号", "outside_grids"),
    ],
)
def test_what_cannot_be_placed_is_listed_with_its_reason_and_never_guessed(
    session, tmp_path, address, reason
):
    district = f.make_district(session, tmp_path, market=[f.firm(1, code=A, address=address)])
    enterprise = next(iter(enterprises(session).values()))
    assert (enterprise.unplaced_reason, enterprise.grid_id, enterprise.lon) == (reason, None, None)
    counts = count_unplaced(session, district.id)
    assert {key.value: number for key, number in counts.items()} == {reason: 1}


def test_an_id_stays_when_the_district_is_linked_again(session, tmp_path):
    district = f.make_district(session, tmp_path, market=[f.firm(1, code=A), f.firm(2, code=B)])
    before = {name: e.id for name, e in enterprises(session).items()}
    report = f.link(session, district)
    assert {name: e.id for name, e in enterprises(session).items()} == before
    assert (report.new, report.aliased) == (0, 0)


def test_a_linking_tells_how_many_targets_there_were_and_are(session, tmp_path):
    sizes = [f.firm(1, code=A, employees="60"), f.firm(2, code=B, employees="61")]
    district = f.make_district(session, tmp_path, market=sizes)
    firm = next(iter(enterprises(session).values()))
    assert firm.standing == "target"
    firm.standing = "under"
    session.flush()
    report = f.link(session, district)
    assert (report.targets_before, report.targets) == (1, 2)


def test_a_later_file_that_joins_two_enterprises_keeps_the_older_id_and_an_alias(session, tmp_path):
    insured = ("8001", "", "乙有限公司", "东风镇光明工业园1号", "正常参保", "31", "2026-10")
    rows = [f.firm(1, code=A, name="甲有限公司")]
    district = f.make_district(session, tmp_path, market=rows, hr=[insured])
    ids = {name: e.id for name, e in enterprises(session).items()}
    header = (*f.MARKET, "曾用名")
    path = f.write_csv(
        tmp_path / "later.csv",
        header,
        [
            (
                *f.firm(
                    3, code=A, name="甲有限公司", address="东风镇光明工业园1号", day="2026-11-01"
                ),
                "乙有限公司",
            )
        ],
    )
    import_file(session, path, district_id=district.id, now=f.NOW, limits=f.LIMITS)
    report = f.link(session, district)
    assert report.aliased == 1
    alias = session.scalar(select(EnterpriseAlias))
    assert (alias.former_id, alias.enterprise_id) == (ids["乙有限公司"], ids["甲有限公司"])
    assert current_id(session, ids["乙有限公司"]) == ids["甲有限公司"]
    assert session.get(Enterprise, ids["乙有限公司"]).retired
    principal = command_line(district.id)
    assert get_enterprise(session, principal, ids["乙有限公司"]).name == "甲有限公司"


def test_an_alias_survives_the_linking_after_next(session, tmp_path):
    insured = ("8001", "", "乙有限公司", "东风镇光明工业园1号", "正常参保", "31", "2026-10")
    rows = [f.firm(1, code=A, name="甲有限公司")]
    district = f.make_district(session, tmp_path, market=rows, hr=[insured])
    former = enterprises(session)["乙有限公司"].id
    stays = enterprises(session)["甲有限公司"].id
    late = f.firm(3, code=A, name="甲有限公司", address="东风镇光明工业园1号", day="2026-11-01")
    path = f.write_csv(tmp_path / "later.csv", (*f.MARKET, "曾用名"), [(*late, "乙有限公司")])
    import_file(session, path, district_id=district.id, now=f.NOW, limits=f.LIMITS)
    for _ in range(3):
        f.link(session, district)
        assert current_id(session, former) == stays


def test_a_branch_never_shows_the_code_of_its_parent(session, tmp_path):
    district = f.make_district(
        session,
        tmp_path,
        market=[f.firm(1, code=A, name="东风食品有限公司")],
        hr=[
            (
                "8001",
                A,
                "东风食品有限公司幸福路分公司",
                "东风镇幸福路1号",
                "正常参保",
                "31",
                "2026-10",
            )
        ],
    )
    f.link(session, district)
    codes = sorted(session.scalars(select(Enterprise.uscc).where(Enterprise.retired.is_(False))))
    assert codes == ["", A]


def test_a_name_that_two_firms_bear_is_a_doubt_for_people(session, tmp_path):
    rows = [
        f.firm(1, code=A, name="大同有限公司"),
        f.firm(2, code=B, name="大同有限公司"),
        f.firm(3, name="大同有限公司"),
    ]
    district = f.make_district(session, tmp_path, market=rows)
    f.link(session, district)
    lines, total = list_issues(session, district_id=district.id)
    assert [line.kind.name for line in lines] == ["AMBIGUOUS_MATCH"]
    assert (total, lines[0].row) == (1, 4)


def test_each_record_keeps_the_rule_that_put_it_there(session, tmp_path):
    f.make_district(
        session,
        tmp_path,
        market=[f.firm(1, code=A, name="东风食品有限公司")],
        hr=[("8001", "", "东风食品有限公司", "东风镇幸福路1号", "正常参保", "31", "2026-10")],
    )
    assert sorted(session.scalars(select(Member.rule))) == ["alone", "name_township"]


@pytest.mark.parametrize(
    ("employees", "standing"),
    [("26", Standing.TARGET), ("21", Standing.NEAR_MISS), ("15", Standing.UNDER)],
)
def test_targets_are_estimated_over_the_line(session, tmp_path, employees, standing):
    insured = ("8001", A, "东风1有限公司", "东风镇幸福路1号", "正常参保", employees, "2026-10")
    district = f.make_district(session, tmp_path, market=[f.firm(1, code=A)], hr=[insured])
    report = assess_district(session, district_id=district.id, rule=TargetRule(), now=f.NOW)
    assert {s for s, n in report.by_standing.items() if n} == {standing}
    assert sum(report.by_standing.values()) == report.enterprises == 1
    lines, _ = list_enterprises(
        session, command_line(district.id), EnterpriseFilter(standing=standing)
    )
    assert lines[0].reasons[1].in_chinese() == f"参保 {employees}"


def test_the_line_comes_from_the_settings(session, tmp_path):
    district = f.make_district(session, tmp_path, market=[f.firm(1, code=A, employees="50")])
    rule = TargetRule(employees_over=40)
    report = assess_district(session, district_id=district.id, rule=rule, now=f.NOW)
    assert report.by_standing[Standing.NEAR_MISS] == 1
    assert report.employees_over == 40


def test_a_list_has_pages_and_filters(session, tmp_path):
    rows = [
        f.firm(n, name=f"{word}有限公司", employees=str(30 + n))
        for n, word in enumerate("甲乙丙丁戊")
    ]
    district = f.make_district(session, tmp_path, market=rows)
    principal = command_line(district.id)
    page, total = list_enterprises(session, principal, EnterpriseFilter(), limit=2, offset=0)
    assert ([line.name for line in page], total) == (["戊有限公司", "丁有限公司"], 5)
    found, _ = list_enterprises(session, principal, EnterpriseFilter(text="丙"))
    assert [line.name for line in found] == ["丙有限公司"]
    assert list_enterprises(session, principal, EnterpriseFilter(text="%"))[1] == 0
    assert list_enterprises(session, principal, EnterpriseFilter(township="东风镇"))[1] == 5
    assert list_enterprises(session, principal, EnterpriseFilter(unplaced=True))[1] == 0


def test_another_districts_enterprise_does_not_exist(session, tmp_path):
    one = f.make_district(session, tmp_path / "1", market=[f.firm(1, code=A)])
    two = f.make_district(session, tmp_path / "2", code="900002", market=[f.firm(1, code=B)])
    mine = session.scalar(select(Enterprise).where(Enterprise.district_id == one.id))
    assert get_enterprise(session, command_line(one.id), mine.id).id == mine.id
    with pytest.raises(NotFound):
        get_enterprise(session, command_line(two.id), mine.id)


def test_received_files_never_enter_the_made_up_district(session):
    add_district(session, code="999", name="示范", is_demo=True)
    settings = DistrictSettings(code="360704", name="赣县区")
    assert current_district(session, None).is_demo
    received = receiving_district(session, None, settings)
    assert (received.code, received.is_demo) == ("360704", False)
    assert receiving_district(session, None, settings).id == received.id
    assert current_district(session, None).id == received.id


def test_with_several_districts_the_command_must_name_one(session):
    add_district(session, code="1", name="一")
    add_district(session, code="2", name="二")
    with pytest.raises(Conflict, match="--district"):
        current_district(session, None)
    assert current_district(session, "2").name == "二"
    with pytest.raises(NotFound, match="3"):
        current_district(session, "3")
    with pytest.raises(Conflict, match="已经有"):
        add_district(session, code="1", name="一")


def test_without_data_the_command_says_what_to_do(session):
    with pytest.raises(NotFound, match="outreach import"):
        current_district(session, None)
