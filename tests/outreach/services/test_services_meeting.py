from __future__ import annotations

from io import BytesIO

import factories as f
import pytest
from PIL import Image
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.indicators import Goals
from outreach.errors import NotFound, Refused
from outreach.i18n import Language
from outreach.services.administration.accounts import principal_of
from outreach.services.desk.desk_changes import refresh_figures
from outreach.services.desk.digests import write_month
from outreach.services.desk.indicators import AreaFilter, open_dashboard
from outreach.services.desk.meeting import (
    coverage_foot,
    draw_coverage,
    meeting_paper,
    write_meeting_paper,
)
from outreach.storage.accounts import AuditEntry
from outreach.storage.desk import DeskState
from outreach.storage.enterprises import Enterprise
from outreach.typography import typeset

MARKET = [f.firm(n, name=f"{word}有限公司", employees="40") for n, word in enumerate("甲乙丙")]


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "files", market=MARKET)


@pytest.fixture
def desk(session, district):
    return principal_of(session, f.make_account(session, district, Role.DISTRICT))


def draw(session, principal, township=""):
    return draw_coverage(session, principal, township=township, language=Language.ZH, now=f.NOW)


def audited(session, action):
    session.flush()
    return session.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()


def test_the_map_is_a_picture_and_each_one_taken_is_audited(session, district, desk):
    refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    with Image.open(BytesIO(draw(session, desk, "东风镇"))) as image:
        assert (image.format, image.size) == ("PNG", (1650, 1230))
    (entry,) = audited(session, "export_map")
    assert entry.detail == {"township": "东风镇", "grids": 2}


def test_a_map_before_the_counting_of_nowhere_or_for_a_grid_worker_is_refused(
    session, district, desk
):
    with pytest.raises(NotFound, match="还没有数过"):
        draw(session, desk)
    refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    with pytest.raises(NotFound, match="还没有网格"):
        draw(session, desk, "没有的镇")
    own = principal_of(session, f.make_account(session, district, Role.GRID_WORKER, grid_code="G1"))
    with pytest.raises(Refused):
        draw(session, own)
    assert audited(session, "export_map") == []


def board_of(session, principal, **area):
    return open_dashboard(
        session, principal, AreaFilter(**area), goals=Goals(), outings_a_week=3, today=f.TODAY
    )


def test_the_map_says_how_many_due_firms_are_not_on_it(session, district, desk):
    lost, found = session.scalars(select(Enterprise).limit(2)).all()
    lost.grid_id, lost.township = None, ""
    found.grid_id = None
    session.flush()
    refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    state = session.get(DeskState, district.id)
    for township, outside in (("", 2), ("东风镇", 1)):
        foot = coverage_foot(session, state, township=township, language=Language.ZH)
        counts = board_of(session, desk, township=township).counts
        # The sum is the dashboard's own.
        assert f"应走访 {counts.due} 家" in foot
        assert f"30 天内走访过 {counts.covered} 家" in foot
        assert f"其中 {outside} 家没有位置" in foot


def test_the_paper_names_what_lies_nowhere_as_the_dashboard_does_and_explains_the_funnel(
    session, district, desk
):
    lost, found = session.scalars(select(Enterprise).limit(2)).all()
    lost.grid_id, lost.township = None, ""
    found.grid_id = None
    found.standing, found.union_status = "with_union", "own"
    session.flush()
    refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    digest = write_month(session, desk, f.TODAY.replace(day=1), goals=Goals(), today=f.TODAY)
    papers = [
        meeting_paper(board_of(session, desk, **area), digest, b"", Language.ZH)
        for area in ({}, {"township": "东风镇"})
    ]
    names = [
        {row[0] for part in paper.parts if part.table for row in part.table.rows}
        for paper in papers
    ]
    assert "没写镇街" in names[0]
    assert typeset("没有位置,不在任何网格") in names[1]
    (funnel,) = (part for part in papers[0].parts if part.title == "从应建会到会员入会")
    assert "含 1 家没有走访就已建会的" in funnel.sentences[0]
    assert "没有会员人数" in funnel.sentences[0]
    assert funnel.table.numbers == {1, 2, 3}


@pytest.mark.parametrize("language", list(Language))
def test_the_paper_for_a_meeting_is_a_pdf_and_is_audited_once(session, district, desk, language):
    refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    board = open_dashboard(
        session, desk, AreaFilter(), goals=Goals(), outings_a_week=3, today=f.TODAY
    )
    digest = write_month(session, desk, f.TODAY.replace(day=1), goals=Goals(), today=f.TODAY)
    paper = write_meeting_paper(session, desk, board, digest, language=language, now=f.NOW)
    assert paper.startswith(b"%PDF-")
    assert b"/Image" in paper
    assert len(audited(session, "export_meeting")) == 1
    assert audited(session, "export_map") == []
