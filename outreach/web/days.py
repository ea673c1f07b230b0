"""A changed day: skip, reorder, add, find, undo, each a form that works without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Blueprint, jsonify, redirect, render_template, request, session, url_for

from outreach.domain.days import LONGEST_ADDRESS, LONGEST_NAME, DayChangeKind
from outreach.domain.doors import LONGEST_DOOR_NOTE
from outreach.domain.enterprises import Industry
from outreach.errors import InvalidInput
from outreach.services.enterprises import doors
from outreach.services.visits import days, nearby, routes
from outreach.services.visits.days import Rules
from outreach.web import current, errors, queries, texts

if TYPE_CHECKING:
    from datetime import date

    from flask.typing import ResponseReturnValue

    from outreach.services.visits.days import DayReceipt
    from outreach.services.visits.nearby import Here

pages = Blueprint("days", __name__, url_prefix="/today")

_FIRM_FIELDS = ("name", "address", "industry", "employees")


def rules() -> Rules:
    """The rules of this installation."""
    settings = current.settings()
    return Rules(plan=settings.plan, target=settings.target)


def receipt_answer(receipt: DayReceipt) -> dict[str, Any]:
    """What a script is told of a change."""
    return {
        "uuid": receipt.uuid,
        "day": receipt.day.isoformat(),
        "added": list(receipt.diff.added),
        "moved": list(receipt.diff.moved),
        "dropped": list(receipt.diff.dropped),
        "message": said(receipt),
    }


def said(receipt: DayReceipt) -> str:
    """What changed, in the reader's language."""
    return " · ".join(texts.sentence(one) for one in receipt.sentences)


@pages.post("/changes")
def change() -> ResponseReturnValue:
    """Take one change of a day; the same form sent again changes nothing."""
    content = _content()
    try:
        receipt = days.change_day(
            current.session(),
            current.principal(),
            request.form.get("uuid", "") or str(uuid4()),
            content,
            rules=rules(),
            now=current.now(),
        )
    except InvalidInput as error:
        if errors.wants_json() or content["kind"] != DayChangeKind.FOUND:
            raise
        return _mend_found(error)
    if errors.wants_json():
        return jsonify(receipt_answer(receipt)), 201 if receipt.is_new else 200
    session["day_change"] = said(receipt)
    back = "days.order" if content["kind"] == DayChangeKind.MOVE else "routes.today"
    return redirect(url_for(back, day=receipt.day), 303)


def _content() -> dict[str, Any]:
    """The change as the form says it; its fields are those of the JSON that a queue sends."""
    form = request.form
    content: dict[str, Any] = {"day": form.get("day", ""), "kind": form.get("kind", "")}
    if move := form.get("move", ""):
        key, _, step = move.partition(":")
        return {**content, "kind": "move", "enterprise_id": queries.key_of(key), "step": step}
    if form.get("enterprise_id"):
        content["enterprise_id"] = queries.key_of(form["enterprise_id"])
    if content["kind"] == DayChangeKind.ORDER:
        content["order"] = form.get("order", "")
    if content["kind"] == DayChangeKind.FOUND:
        content |= {name: form.get(name, "").strip() for name in _FIRM_FIELDS}
        if form.get("lon"):
            datum = current.surroundings().settings.phone_datum
            point = {name: form.get(name, "") for name in ("lon", "lat", "accuracy_m")}
            content["position"] = {**point, "datum": datum}
    if form.get("reason"):
        content["reason"] = form["reason"]
    return content


@pages.get("/order")
def order() -> str:
    """Put the stops that are to come into another order, one step at a time."""
    return render_template(
        "routes/order.html",
        route=routes.day_route(current.session(), current.principal(), _day(), rule=rules().plan),
        change_uuid=str(uuid4()),
        changed=session.pop("day_change", None),
    )


@pages.get("/near")
def near() -> str:
    """List due firms near a stop of the day."""
    key = queries.whole_number("stop", 0)
    here = nearby.stop_as_here(current.session(), current.principal(), key) if key else None
    return _near(_day(), here, key)


@pages.post("/near")
def near_me() -> str:
    """List due firms near where the worker tapped that she is; the point is not kept."""
    day = queries.day_of(request.form.get("day", "")) or current.today()
    texts.answer_belongs_to(url_for("days.near", day=day))
    try:
        lon, lat = (float(request.form.get(name, "")) for name in ("lon", "lat"))
    except ValueError as error:
        raise InvalidInput("位置没有取到,请再点一次") from error
    datum = current.surroundings().settings.phone_datum
    return _near(day, nearby.position_as_here(lon, lat, datum), 0)


def _near(day: date, here: Here | None, key: int) -> str:
    firms = nearby.list_nearby(
        current.session(), current.principal(), here, day=day, rule=rules().plan
    )
    return render_template(
        "routes/near.html",
        day=day,
        here=here,
        stop=key,
        firms=firms,
        change_uuid=str(uuid4()),
    )


@pages.get("/found")
def found() -> str:
    """Show the form for a firm that no register knows."""
    days.require_day(current.principal())
    return _found(_day(), queries.whole_number("stop", 0), {})


def _found(day: date, stop: int, sent: Any, problem: str = "") -> str:  # noqa: ANN401
    return render_template(
        "routes/found.html",
        day=day,
        stop=stop,
        sent=sent,
        problem=problem,
        industries=list(Industry),
        datum=current.surroundings().settings.phone_datum,
        longest=(LONGEST_NAME, LONGEST_ADDRESS),
        change_uuid=str(uuid4()),
    )


def _mend_found(error: InvalidInput) -> ResponseReturnValue:
    """Show the form again with everything that was typed and what is to be mended."""
    current.session().rollback()
    day = queries.day_of(request.form.get("day", "")) or current.today()
    stop = queries.key_of(request.form.get("enterprise_id", ""))
    texts.answer_belongs_to(url_for("days.found", day=day, stop=stop or None))
    return _found(day, stop, request.form, texts.error_text(error)), 422


@pages.post(f"/doors/<int(max={queries.LARGEST_ID}):enterprise_id>")
def door(enterprise_id: int) -> ResponseReturnValue:
    """Write how a firm's door is found."""
    text = doors.write_door_note(
        current.session(),
        current.principal(),
        enterprise_id,
        request.form.get("text", "")[: LONGEST_DOOR_NOTE + 1],
        now=current.now(),
    )
    if errors.wants_json():
        return jsonify(text=text)
    day = queries.day_of(request.form.get("day", ""))
    return redirect(url_for("routes.today", day=day, stop=enterprise_id), 303)


def _day() -> date:
    return queries.some_day("day") or current.today()
