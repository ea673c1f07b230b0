"""Reasons in the words of the planner's page, made of measured terms only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from routing.explain import StopTerms
    from routing.price import Price


def why_this_firm(terms: StopTerms) -> str:
    """Say what the visit brings for its way."""
    must = "必须走访；" if terms.required else ""
    if terms.added_travel_s <= 0:
        return f"{must}顺路，不多走路"
    return f"{must}走访价值 {terms.prize}，只多走 {_minutes(terms.added_travel_s)} 分钟"


def why_this_day(terms: StopTerms, shift_name: Callable[[str], str] = str) -> str:
    """Say what the next best day would cost."""
    other = terms.other_day
    if other is None:
        return "其他日子都排不下或不开门"
    name = shift_name(other.shift)
    if other.more_travel_s > 0:
        return f"改到{name}要多走 {_minutes(other.more_travel_s)} 分钟"
    return f"改到{name}也可以，路程不增加"


def why_this_place(terms: StopTerms) -> str:
    """Say what another place in the order would cost, and how much time is to spare."""
    spare = terms.slack_s // 60
    if terms.other_place_s is None:
        order = "当天只有排在这里来得及"
    elif terms.other_place_s > 0:
        order = f"换个次序至少多走 {_minutes(terms.other_place_s)} 分钟"
    else:
        order = "换个次序路程相同"
    return f"{order}；最多可以晚 {spare} 分钟"


def why_not(price: Price, stop_name: Callable[[str], str] = str) -> str:
    """Say what putting a left-out stop in would change, e.g. `加入要多走 18 分钟，挤出甲、乙`."""
    if price.reason is not None:
        return f"排不进：{price.reason.label}"
    minutes = price.added_minutes
    parts = [f"加入要多走 {minutes} 分钟" if minutes >= 0 else f"加入可少走 {-minutes} 分钟"]
    if price.pushed_out:
        parts.append("挤出" + "、".join(stop_name(each) for each in price.pushed_out))
    if price.pulled_in:
        parts.append("换入" + "、".join(stop_name(each) for each in price.pulled_in))
    return "，".join(parts)


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
