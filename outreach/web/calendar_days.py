"""The calendar of working days: a year, own days, a notice read before it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.calendar import DayKind
from outreach.domain.notices import find_year
from outreach.errors import InvalidInput
from outreach.services.administration import calendar_days
from outreach.services.administration.calendar_days import FIRST_YEAR, LAST_YEAR, OwnDays
from outreach.services.planning import away_visits
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("calendar_days", __name__, url_prefix="/work-days")

_FIELDS = ("first", "last", "works", "name")


@pages.get("")
def show() -> str:
    """Show one year of the district's calendar."""
    year = queries.whole_number("year", current.today().year, low=FIRST_YEAR, high=LAST_YEAR)
    return _page(year)


def _page(year: int, *, problem: str = "", text: str = "") -> str:
    """The page of a year; a form that was refused keeps what was typed."""
    return render_template(
        "calendar_days/year.html",
        view=calendar_days.view_year(current.session(), current.principal(), year),
        years=range(max(FIRST_YEAR, year - 2), min(LAST_YEAR, year + 2) + 1),
        kinds=list(DayKind),
        today=current.today(),
        sent={name: request.form.get(name, "") for name in _FIELDS},
        problem=problem,
        text=text,
        away=away_visits.list_away(current.session(), current.principal(), today=current.today()),
    )


@pages.post("/own")
def set_own() -> ResponseReturnValue:
    """Set days that the district works or takes off by itself."""
    sent = {name: request.form.get(name, "").strip() for name in _FIELDS}
    first = queries.day_of(sent["first"])
    last = queries.day_of(sent["last"] or sent["first"])
    year = first.year if first else current.today().year
    texts.answer_belongs_to(url_for("calendar_days.show", year=year))
    try:
        if first is None or last is None:
            raise InvalidInput("请写明从哪一天到哪一天")
        wanted = OwnDays(first=first, last=last, works=sent["works"] == "1", name=sent["name"])
        calendar_days.set_own_days(
            current.session(), current.principal(), wanted, now=current.now()
        )
    except InvalidInput as error:
        fits = FIRST_YEAR <= year <= LAST_YEAR
        page = _page(year if fits else current.today().year, problem=texts.error_text(error))
        return page, 422
    return redirect(url_for("calendar_days.show", year=year, _anchor="own"), 303)


@pages.post("/own/remove")
def remove_own() -> ResponseReturnValue:
    """Take one of the district's own days back."""
    day = queries.day_of(request.form.get("day", ""))
    if day is None:
        raise InvalidInput("请写明从哪一天到哪一天")
    calendar_days.remove_own_day(current.session(), current.principal(), day, now=current.now())
    return redirect(url_for("calendar_days.show", year=day.year, _anchor="own"), 303)


@pages.post("/notice")
def review() -> ResponseReturnValue:
    """Read a notice and report; nothing is stored until somebody takes it."""
    session, principal = current.session(), current.principal()
    texts.answer_belongs_to(url_for("calendar_days.show"))
    calendar_days.view_year(session, principal, current.today().year)
    file = request.files.get("file")
    text = request.form.get("text", "")
    if file is not None and file.filename:
        text = calendar_days.decode_notice(file.read(), file.filename[:200])
    year = _year(text)
    report = calendar_days.review_notice(session, principal, text, year=year)
    page = render_template(
        "calendar_days/notice.html",
        report=report,
        notice=report.notice,
        text=text,
        title=request.form.get("title", "")[:120],
    )
    return page, 200 if report.may_be_taken else 422


def _year(text: str) -> int:
    """The year on the form, else the one that the text speaks of, else the next."""
    typed = queries.key_of(request.form.get("year", "").strip())
    return typed or find_year(text) or current.today().year + 1


@pages.post("/notice/take")
def take() -> ResponseReturnValue:
    """Take the notice that was reported on."""
    year = queries.key_of(request.form.get("year", ""))
    calendar_days.take_notice(
        current.session(),
        current.principal(),
        request.form.get("text", ""),
        year=year,
        title=request.form.get("title", ""),
        now=current.now(),
    )
    return redirect(url_for("calendar_days.show", year=year), 303)
