"""Reviews (归并判断): which doubtful rows are one enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.judgements import DoubtReason, QuestionState, Verdict
from outreach.errors import InvalidInput
from outreach.services.linking import judgement_views, judgements, pair_views
from outreach.services.linking.judgement_views import QueueFilter
from outreach.web import current, queries

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("reviews", __name__)

PAGE_SIZE = 50
_ID = f"int(max={queries.LARGEST_ID})"
PAIR = f"<{_ID}:left>/<{_ID}:right>"


def _at() -> judgements.Today:
    return judgements.Today(
        now=current.now(), today=current.today(), rule=current.settings().target
    )


@pages.get("/reviews")
def index() -> str:
    """List the questions, the most useful one first."""
    session, principal = current.session(), current.principal()
    wanted = QueueFilter(
        reason=queries.choice(DoubtReason, "reason"),
        state=queries.choice(QuestionState, "state") or QuestionState.OPEN,
    )
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = judgement_views.list_questions(
        session, principal, wanted, limit=page.size, offset=page.offset
    )
    return render_template(
        "reviews/list.html",
        wanted=wanted,
        lines=lines,
        page=queries.Paging(page=page.page, size=page.size, total=total),
        progress=judgement_views.count_progress(session, principal),
        first=judgement_views.find_next(session, principal, wanted.reason),
        done=_done(),
        reasons=list(DoubtReason),
        states=list(QuestionState),
    )


def _done() -> judgement_views.JudgementLine | None:
    """The judgement that was made or taken back just now, for the notice above the next page."""
    if key := queries.whole_number("done", 0):
        return judgement_views.find_judgement(current.session(), current.principal(), key)
    return None


@pages.get(f"/reviews/{PAIR}")
def show(left: int, right: int) -> str:
    """Show one pair; opening it is audited by the service."""
    session, principal = current.session(), current.principal()
    reason = queries.choice(DoubtReason, "reason")
    return render_template(
        "reviews/pair.html",
        pair=pair_views.open_pair(session, principal, (left, right), now=current.now()),
        progress=judgement_views.count_progress(session, principal),
        reason=reason,
        done=_done(),
        verdicts=list(Verdict),
    )


@pages.post(f"/reviews/{PAIR}")
def decide(left: int, right: int) -> ResponseReturnValue:
    """Take an answer and go on to the next question."""
    verdict = request.form.get("verdict", "")
    if verdict not in set(Verdict):
        raise InvalidInput("请选“同一家”、“不是同一家”或“以后再说”")
    decided = judgements.decide(
        current.session(), current.principal(), (left, right), Verdict(verdict), at=_at()
    )
    return _go_on(decided.judgement_id)


def _go_on(judgement_id: int) -> ResponseReturnValue:
    """To the next question of the same kind, or to the list when there is none."""
    reason = queries.choice(DoubtReason, "reason")
    following = judgement_views.find_next(current.session(), current.principal(), reason)
    if following is None:
        return redirect(url_for("reviews.index", reason=reason, done=judgement_id), 303)
    left, right = following
    return redirect(
        url_for("reviews.show", left=left, right=right, reason=reason, done=judgement_id), 303
    )


@pages.post(f"/reviews/judgements/<{_ID}:judgement_id>/undo")
def undo(judgement_id: int) -> ResponseReturnValue:
    """Take a judgement back and show its pair."""
    judgements.take_back(current.session(), current.principal(), judgement_id, at=_at())
    return _to_pair(judgement_id)


@pages.post(f"/reviews/rows/<{_ID}:record_id>/split-off")
def split_off(record_id: int) -> ResponseReturnValue:
    """Say that a row is not its enterprise's, and show what that did."""
    decided = judgements.split_off(current.session(), current.principal(), record_id, at=_at())
    return _to_pair(decided.judgement_id)


def _to_pair(judgement_id: int) -> ResponseReturnValue:
    line = judgement_views.find_judgement(current.session(), current.principal(), judgement_id)
    if line is None:
        return redirect(url_for("reviews.index"), 303)
    reason = queries.choice(DoubtReason, "reason")
    return redirect(
        url_for("reviews.show", left=line.left, right=line.right, reason=reason, done=judgement_id),
        303,
    )
