"""Papers for a meeting: the map as a picture, and the dashboard on A4. Both audited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.documents.papers import Fact, Paper, Part, Table
from outreach.domain.calendar import CHINA
from outreach.domain.grid_figures import FEW, percent
from outreach.domain.indicators import Counts
from outreach.domain.wording import Sentence
from outreach.errors import NotFound
from outreach.i18n import say, say_day, say_sentence, translate
from outreach.services.administration.audit import write_audit
from outreach.services.desk.indicators import require_desk
from outreach.storage.desk import DeskFigure, DeskState
from outreach.storage.districts import District
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.indicators import Indicator
    from outreach.i18n import Language
    from outreach.services.desk.digests import Digest
    from outreach.services.desk.indicators import Dashboard

MOST_LABELLED = 40
"""Areas whose share is written into them; more labels would lie over each other."""


def draw_coverage(
    session: Session,
    principal: Principal,
    *,
    township: str,
    language: Language,
    now: datetime,
    is_audited: bool = True,
) -> bytes:
    """Draw the grids by the share of due firms visited within 30 days, as a PNG.

    Raises
    ------
    Refused
        For a grid worker.
    NotFound
        When nothing was counted yet, or the township has no grid.
    Conflict
        When this machine has no Chinese font.
    """
    from shapely.geometry import shape  # lazy: start-up time

    from maps.picture import PictureArea, PictureTexts, named_places, share_picture
    from outreach.documents.fonts import chinese_font

    require_desk(principal)
    state = session.get(DeskState, principal.district_id)
    if state is None:
        raise NotFound("这个区的数字还没有数过,过几分钟再试")
    query = (
        select(Grid.geometry, DeskFigure.counts, Grid.name, Grid.township)
        .join(DeskFigure, DeskFigure.grid_id == Grid.id)
        .where(
            DeskFigure.district_id == principal.district_id,
            DeskFigure.span == "day",
            DeskFigure.level == "grid",
            DeskFigure.day == state.day,
        )
    )
    if township:
        query = query.where(Grid.township == township)
    rows = [
        (shape(geometry), Counts.from_json(counts), name, town)
        for geometry, counts, name, town in session.execute(query)
    ]
    if not rows:
        raise NotFound("这里还没有网格,请先导入网格")
    is_labelled = len(rows) <= MOST_LABELLED
    areas = [
        PictureArea(
            geometry=geometry,
            share=counts.covered / counts.due if counts.due else None,
            few=0 < counts.due < FEW,
            label=f"{counts.covered}/{counts.due}" if is_labelled and counts.due else "",
            name=(name.removeprefix(town) or name) if is_labelled else "",
        )
        for geometry, counts, name, town in rows
    ]
    # Where each grid bears its own name, those of the townships would lie over them.
    towns = () if is_labelled else named_places([row[3] for row in rows], [row[0] for row in rows])
    place = township or session.get_one(District, principal.district_id).name
    texts = PictureTexts(
        title=say(language, "{place}:30 天内走访过的比例", place=place),
        legend=translate("占应走访的比例", language),
        nothing=translate("没有应走访的", language),
        few=say(language, "不到 {few} 家", few=FEW),
        foot=coverage_foot(session, state, township=township, language=language),
        north=translate("北", language),
        kilometres=translate("公里", language),
    )
    if is_audited:
        _audit(session, principal, "export_map", {"township": township, "grids": len(rows)}, now)
    return share_picture(areas, texts, font=chinese_font(), places=towns)


def coverage_foot(session: Session, state: DeskState, *, township: str, language: Language) -> str:
    """What stands below the map: the dashboard's sums, how many are not on it, and its moment."""
    query = select(DeskFigure.grid_id, DeskFigure.counts).where(
        DeskFigure.district_id == state.district_id,
        DeskFigure.span == "day",
        DeskFigure.level == "grid",
        DeskFigure.day == state.day,
    )
    if township:
        query = query.where(DeskFigure.township == township)
    shown, outside = Counts(), Counts()
    for grid_id, counts in session.execute(query):
        if grid_id is None:
            outside += Counts.from_json(counts)
        else:
            shown += Counts.from_json(counts)
    sums = say(
        language,
        "应走访 {due} 家,30 天内走访过 {covered} 家;其中 {outside} 家没有位置,不在图上",
        due=f"{shown.due + outside.due:,}",
        covered=f"{shown.covered + outside.covered:,}",
        outside=f"{outside.due:,}",
    )
    when = say(language, "数字是 {moment} 数的,坐标 WGS-84", moment=_moment(state.counted_at))
    return f"{sums}\n{when}"


def _moment(value: datetime) -> str:
    return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"


def write_meeting_paper(
    session: Session,
    principal: Principal,
    board: Dashboard,
    digest: Digest,
    *,
    language: Language,
    now: datetime,
) -> bytes:
    """Write the dashboard of an area with the month in words and the map, as a PDF on A4.

    Raises
    ------
    Refused, NotFound, Conflict
        As `draw_coverage`.
    """
    from outreach.documents.pdf import write_pdf  # lazy: start-up time

    picture = draw_coverage(
        session,
        principal,
        township=board.area.township,
        language=language,
        now=now,
        is_audited=False,
    )
    content = write_pdf(meeting_paper(board, digest, picture, language))
    _audit(session, principal, "export_meeting", {"township": board.area.township}, now)
    return content


def meeting_paper(board: Dashboard, digest: Digest, picture: bytes, language: Language) -> Paper:
    """What the paper says; `picture` is the map as a PNG."""

    def word(text: str) -> str:
        return translate(text, language)

    place = board.name or digest.district
    month = f"{digest.month:%Y-%m}"
    parts = [
        Part(title=word("指标"), facts=tuple(_fact(one, language) for one in board.indicators)),
        _funnel(board, language),
    ]
    if board.area.level == "district":
        parts += [
            Part(
                title=word(one.title),
                sentences=("".join(_said(said, language) for said in one.sentences),),
            )
            for one in digest.paragraphs
        ]
    parts.append(_areas(board, language))
    parts.append(Part(title=word("地图"), picture=picture))
    dates = " · ".join(f"{word(source.label)} {day}" for source, day in digest.as_of)
    return Paper(
        title=say(language, "{district}走访建会工作小结({month})", district=place, month=month),
        notes=(
            say(language, "数字是 {moment} 数的", moment=_moment(board.counted_at)),
            f"{word('登记表的日期:')} {dates}",
            say(language, "走访数到 {day} 为止。", day=say_day(digest.until, language)),
        ),
        parts=tuple(parts),
    )


def _said(sentence: Sentence, language: Language) -> str:
    """A sentence with its numbers in thousands."""
    values = {
        name: f"{value:,}" if isinstance(value, int) else value
        for name, value in sentence.values.items()
    }
    return say_sentence(Sentence(template=sentence.template, values=values), language)


def _fact(one: Indicator, language: Language) -> Fact:
    share = "—" if one.percent is None else f"{one.percent}%"
    unit = translate(one.kind.unit, language)
    value = f"{share}    {one.part:,} / {one.whole:,} {unit}"
    goal = (
        translate("没有设目标", language)
        if one.goal is None
        else say(language, "目标 {goal}%", goal=one.goal)
    )
    return Fact(label=translate(one.kind.label, language), value=value, origin=goal)


def _funnel(board: Dashboard, language: Language) -> Part:
    whole = board.funnel[0].reached
    rows = tuple(
        (
            translate(step.stage.label, language),
            f"{step.reached:,}",
            f"{percent(step.reached, whole)}%" if whole else "—",
            f"{step.here:,}",
        )
        for step in board.funnel
    )
    names = ("走到这一步", "企业", "占比", "停在这一步")
    headers = tuple(translate(name, language) for name in names)
    table = Table(
        headers=headers, rows=rows, widths=(0.4, 0.2, 0.2, 0.2), numbers=frozenset({1, 2, 3})
    )
    return Part(
        title=translate("从应建会到会员入会", language),
        table=table,
        sentences=("".join(_said(one, language) for one in board.funnel_notes),),
    )


def _areas(board: Dashboard, language: Language) -> Part:
    is_grid = bool(board.area.township)
    nowhere = "没有位置,不在任何网格" if is_grid else "没写镇街"
    rows = tuple(
        (
            line.name or translate(nowhere, language),
            f"{line.counts.covered:,}",
            f"{line.counts.due:,}",
            f"{percent(line.counts.covered, line.counts.due)}%" if line.counts.due else "—",
            f"{line.counts.overdue:,}",
            f"{line.counts.with_union:,} / {line.counts.should_have:,}",
        )
        for line in board.areas
    )
    names = (
        "网格" if is_grid else "镇街",
        "30 天内走访过",
        "应走访",
        "比例",
        "超期",
        "已建会 / 应建会",
    )
    headers = tuple(translate(name, language) for name in names)
    title = "各网格,按占自己应走访的比例" if is_grid else "各镇街,按占自己应走访的比例"
    table = Table(
        headers=headers,
        rows=rows,
        widths=(0.25, 0.17, 0.13, 0.12, 0.13, 0.2),
        numbers=frozenset(range(1, len(headers))),
    )
    return Part(title=translate(title, language), table=table if rows else None)


def _audit(
    session: Session,
    principal: Principal,
    action: str,
    detail: dict[str, object],
    now: datetime,
) -> None:
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action=action,
        subject="district",
        subject_id=principal.district_id,
        now=now,
        detail=detail,
    )
