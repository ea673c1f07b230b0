"""A new office costs one TOML file and no code: from its file to the enterprise and the pages."""

from __future__ import annotations

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.sources import Source
from outreach.errors import InvalidInput
from outreach.i18n import Language, translate
from outreach.services.registers.imports import import_file
from outreach.sources import specs
from outreach.storage.enterprises import Enterprise
from outreach.storage.records import Batch

POWER = """
source = "power"
version = 1
telling = ["用电户号", "用电类别"]
required = ["name"]

[office]
label = "供电"
label_en = "Power supply"
belief = 48
counts = "reported"

[columns]
account = ["用电户号"]
uscc = ["统一社会信用代码"]
name = ["用户名称"]
address = ["用电地址"]
headcount = ["估计用工人数"]
kind = ["用电类别"]
as_of = ["抄表日期"]

[expect]
name = 0.9
"""
HEADER = ("用电户号", "用户名称", "统一社会信用代码", "用电地址", "估计用工人数", "抄表日期")
ROWS = [("7", "东风铸造有限公司", f.CODES[1], "东风镇幸福路9号", "77", "2026-10-31")]
FUND = ("单位账号", "单位名称", "统一社会信用代码", "单位地址", "单位缴存人数", "缴存月份")


@pytest.fixture
def power(tmp_path, monkeypatch):
    """A district's own folder with one more office, forgotten at the end."""
    import outreach.domain.sources as domain

    monkeypatch.setattr(specs, "_LEARNT", {})
    monkeypatch.setattr(domain, "_DECLARED", dict(domain._DECLARED))
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "power.toml").write_text(POWER, encoding="utf-8")
    specs.learn_sources(folder)
    return folder


def receive(session, tmp_path, header, rows):
    path = f.write_csv(tmp_path / "new.csv", header, rows)
    district = f.make_district(
        session, tmp_path / "files", market=[f.firm(1, code=f.CODES[0], employees="9")]
    )
    report = import_file(session, path, district_id=district.id, limits=f.LIMITS, now=f.NOW)
    f.link(session, district)
    return report


def test_a_file_of_the_new_office_becomes_an_enterprise(session, tmp_path, power):
    report = receive(session, tmp_path, HEADER, ROWS)
    assert (report.source, report.source.label, report.rows_held) == ("power", "供电", 0)
    firm = session.scalars(select(Enterprise).where(Enterprise.uscc == f.CODES[1])).one()
    assert firm.name == "东风铸造有限公司"
    assert [(h["source"], h["employees"]) for h in firm.headcounts] == [("power", 77)]
    assert session.scalars(select(Batch.source).order_by(Batch.id.desc())).first() == "power"


def test_its_name_is_known_in_both_languages(power):
    assert translate("供电", Language.ZH) == "供电"
    assert translate("供电", Language.EN) == "Power supply"
    assert Source("power") in list(Source)


def test_a_shipped_source_is_not_described_anew(power):
    office = POWER[POWER.index("[office]") : POWER.index("[columns]")]
    text = POWER.replace('"power"', '"market"').replace(office, "")
    (power / "market.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="ships with"):
        specs.learn_sources(power)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('source = "power"', 'source = "Power!"'),
        ('counts = "reported"', 'counts = "guessed"'),
        ('counts = "reported"', ""),
        ("belief = 48", 'belief = 48\ncolour = "red"'),
        ("[office]", "[office"),
        ("[columns]", "[column]"),
    ],
)
def test_a_file_that_describes_no_source_is_named_with_the_reason(power, old, new):
    (power / "zz.toml").write_text(POWER.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"zz\.toml"):
        specs.learn_sources(power)


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="nowhere"):
        specs.learn_sources(tmp_path / "nowhere")


def test_the_housing_fund_is_such_a_file_too(session, tmp_path):
    row = ("1", "东风铸造有限公司", f.CODES[1], "东风镇幸福路9号", "41", "202610")
    report = receive(session, tmp_path, FUND, [row])
    assert (report.source.label, report.rows_held) == ("公积金", 0)
    assert translate(report.source.label, Language.EN) == "Housing fund"
    firm = session.scalars(select(Enterprise).where(Enterprise.uscc == f.CODES[1])).one()
    assert [(h["source"], h["employees"]) for h in firm.headcounts] == [("housing_fund", 41)]
