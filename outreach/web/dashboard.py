"""The district's dashboard: indicators, funnel, areas, overdue firms, and the month in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from outreach.errors import NotFound
from outreach.services.desk import desk_changes, digests, field_work, indicators, meeting
from outreach.services.desk.field_work import WorkFilter, WorkKind
from outreach.services.desk.indicators import AreaFilter, require_desk
from outreach.web import current, digest_links, queries, texts
from outreach.web.downloads import attachment
from outreach.web.linked_numbers import linked
from outreach.web.sparklines import sparkline

if TYPE_CHECKING:
    from flask import Response

    from outreach.services.desk.digests import Digest
    from outreach.services.desk.indicators import Dashboard

pages = Blueprint("dashboard", __name__, url_prefix="/dashboard")

PAGE_SIZE = 50


def wanted_area() -> AreaFilter:
    """The area that the address names."""
    return AreaFilter(
        township=request.args.get("township", "").strip(),
        grid_id=queries.whole_number("grid", 0) or None,
    )


def counted_dashboard(area: AreaFilter) -> tuple[Dashboard | None, bool]:
    """The figures of an area, counted anew where that is quick, and whether they are up to date."""
    principal, surroundings = current.principal(), current.surroundings()
    require_desk(principal)
    is_current = desk_changes.try_refresh(
        surroundings.database, principal.district_id, now=current.now()
    )
    found = indicators.open_dashboard(
        current.session(),
        principal,
        area,
        goals=current.settings().goals,
        outings_a_week=current.settings().plan.outings_a_week,
        today=current.today(),
    )
    return found, is_current


@pages.get("")
def show() -> str:
    """Show an area: the district, a township or a grid."""
    board, is_current = counted_dashboard(wanted_area())
    return render_template(
        "dashboard/board.html",
        board=board,
        is_current=is_current,
        sparkline=sparkline,
    )


def _told_month() -> Digest:
    principal = current.principal()
    month = queries.some_day("month") or current.today()
    return digests.write_month(
        current.session(),
        principal,
        month.replace(day=1),
        goals=current.settings().goals,
        today=current.today(),
    )


@pages.get("/digest")
def digest() -> str:
    """Tell a month in words, ready to send."""
    principal = current.principal()
    require_desk(principal)
    desk_changes.try_refresh(
        current.surroundings().database, principal.district_id, now=current.now()
    )
    digest = _told_month()
    return render_template(
        "dashboard/digest.html",
        digest=digest,
        said=lambda title, one: linked(
            one, digest_links.behind(digest, title, one, today=current.today())
        ),
    )


@pages.get("/visits")
def work() -> str:
    """List the visits of a month, or the firms that were visited in it."""
    month = queries.some_day("month") or current.today()
    wanted = WorkFilter(
        area=wanted_area(),
        month=month.replace(day=1),
        kind=queries.choice(WorkKind, "kind", WorkKind.VISITS) or WorkKind.VISITS,
    )
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = field_work.list_work(
        current.session(), current.principal(), wanted, limit=page.size, offset=page.offset
    )
    place = indicators.name_area(current.session(), current.principal(), wanted.area)
    return render_template(
        "dashboard/visits.html",
        wanted=wanted,
        place=place,
        lines=lines,
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


@pages.get("/map.png")
def picture() -> Response:
    """Give the map as a picture; each one taken is audited by the service."""
    area = wanted_area()
    counted_dashboard(area)
    content = meeting.draw_coverage(
        current.session(),
        current.principal(),
        township=area.township,
        language=current.language(),
        now=current.now(),
    )
    return attachment(content, _file_name("{place}走访覆盖率地图 {day}", area, "png"), "image/png")


def _file_name(template: str, area: AreaFilter, ending: str) -> str:
    place = area.township or texts.text("全区")
    return f"{texts.text(template, place=place, day=current.today().isoformat())}.{ending}"


@pages.get("/meeting.pdf")
def paper() -> Response:
    """Give the dashboard on A4 for a meeting; each one taken is audited by the service."""
    area = AreaFilter(township=wanted_area().township)
    board, _ = counted_dashboard(area)
    if board is None:
        raise NotFound("这个区的数字还没有数过,过几分钟再试")
    content = meeting.write_meeting_paper(
        current.session(),
        current.principal(),
        board,
        _told_month(),
        language=current.language(),
        now=current.now(),
    )
    name = _file_name("{place}走访建会工作小结 {day}", area, "pdf")
    return attachment(content, name, "application/pdf")


@pages.get("/wall")
def wall() -> str:
    """Show the district on a wall, 1920 x 1080, which refreshes itself."""
    board, is_current = counted_dashboard(AreaFilter())
    return render_template("dashboard/wall.html", board=board, is_current=is_current)
