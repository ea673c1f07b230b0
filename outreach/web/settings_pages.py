"""The district's settings: what stands, what a new value would change, taking it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.district_settings import BY_NAME, SettingGroup
from outreach.domain.plans import TravelMode
from outreach.errors import InvalidInput, NotFound
from outreach.services.administration import district_settings, setting_effects
from outreach.services.administration.district_settings import WantedSetting
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from outreach.domain.district_settings import SettingSpec
    from outreach.services.administration.setting_effects import SettingEffect

pages = Blueprint("settings_pages", __name__, url_prefix="/settings")

KEY = f"<int(max={queries.LARGEST_ID}):setting_id>"


def shown(spec: SettingSpec, value: object) -> str:
    """A value with its unit, as people read it."""
    if value is None:
        return texts.text("不设")
    if value in set(TravelMode) and spec.name.endswith("travel_mode"):
        return texts.label(TravelMode(str(value)))
    return f"{value} {texts.text(spec.unit)}".strip() if spec.unit else str(value)


@pages.get("")
def index() -> str:
    """List all settings by what they decide."""
    lines = _lines()
    return render_template(
        "settings/list.html",
        groups=[(g, [one for one in lines if one.spec.group is g]) for g in SettingGroup],
        shown=shown,
        today=current.today(),
    )


def _lines() -> list[district_settings.SettingLine]:
    base = current.surroundings().settings
    return district_settings.list_settings(
        current.session(), current.principal(), base, today=current.today()
    )


@pages.get("/<name>")
def show(name: str) -> str:
    """Show one setting with its form and all values that were set."""
    return _setting(name)


def _setting(name: str, *, problem: str = "", effect: SettingEffect | None = None) -> str:
    """One setting; a form that was refused or reported on keeps what was typed."""
    lines = _lines()
    if name not in BY_NAME:
        raise NotFound("没有这一项设置")
    return render_template(
        "settings/setting.html",
        line=next(one for one in lines if one.spec.name == name),
        effect=effect,
        problem=problem,
        sent=request.form,
        shown=shown,
        today=current.today(),
    )


def _wanted(name: str) -> WantedSetting:
    day = queries.day_of(request.form.get("valid_from", "").strip())
    if day is None:
        raise InvalidInput("请写明从哪天起生效")
    return WantedSetting(name=name, text=request.form.get("value", "")[:40], valid_from=day)


@pages.post("/<name>")
def change(name: str) -> ResponseReturnValue:
    """Say what a value would change, or take it when that was seen."""
    texts.answer_belongs_to(url_for("settings_pages.show", name=name))
    session, principal = current.session(), current.principal()
    base, today = current.surroundings().settings, current.today()
    try:
        wanted = _wanted(name)
        if request.form.get("do") != "take":
            effect = setting_effects.review_setting(session, principal, wanted, base, today=today)
            return _setting(name, effect=effect)
        district_settings.take_setting(
            session, principal, wanted, base, today=today, now=current.now()
        )
    except InvalidInput as error:
        return _setting(name, problem=texts.error_text(error)), 422
    return redirect(url_for("settings_pages.show", name=name, done=1), 303)


@pages.post(f"/{KEY}/withdraw")
def withdraw(setting_id: int) -> ResponseReturnValue:
    """Take back a value whose day has not come."""
    district_settings.withdraw_setting(
        current.session(),
        current.principal(),
        setting_id,
        today=current.today(),
        now=current.now(),
    )
    return redirect(url_for("settings_pages.index"), 303)
