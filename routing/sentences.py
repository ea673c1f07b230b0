"""Reasons in the words of the planner's page, made of measured terms only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from routing.explain import StopTerms
    from routing.price import Price


def why_this_firm(terms: StopTerms) -> str:
    """Say how much way the visit is worth and how much it takes, both in minutes."""
    must = "必须走访；" if terms.required else ""
    if terms.added_travel_s <= 0:
        return f"{must}顺路，路上不多花时间"
    taken = _minutes(terms.added_travel_s)
    if terms.required or terms.worth_travel_s is None or terms.net_worth <= 0:
        return f"{must}路上多花 {taken} 分钟"
    return f"值得为它多花 {terms.worth_travel_s // 60} 分钟路程，实际只多花 {taken} 分钟"


def why_this_day(terms: StopTerms, shift_name: Callable[[str], str] = str) -> str:
    """Say what the next best day would cost."""
    other = terms.other_day
    if other is None:
        return "其他日子排满了或不开门"
    name = shift_name(other.shift)
    if other.more_travel_s > 0:
        return f"改到{name}，路上要多花 {_minutes(other.more_travel_s)} 分钟"
    return f"改到{name}也可以，路上不多花时间"


def why_this_place(terms: StopTerms) -> str:
    """Say what another place in the order would cost, and how much time is to spare."""
    if terms.other_place_s is None:
        order = "当天只有排在这里来得及"
    elif terms.other_place_s > 0:
        order = f"换个次序，路上至少多花 {_minutes(terms.other_place_s)} 分钟"
    else:
        order = "换个次序，路上时间一样"
    spare = terms.slack_s // 60
    late = f"晚到 {spare} 分钟以内，后面都来得及" if spare else "不能晚到，否则后面来不及"
    return f"{order}；{late}"


def why_not(price: Price, stop_name: Callable[[str], str] = str) -> str:
    """Say what putting a left-out stop in would change: minutes on the way, stops out and in."""
    if price.reason is not None:
        return f"排不进：{price.reason.label}"
    minutes = price.added_minutes
    parts = [
        f"排进去路上要多花 {minutes} 分钟" if minutes > 0 else f"排进去路上少花 {-minutes} 分钟"
    ]
    if minutes == 0:
        parts = ["排进去路上不多花时间"]
    if price.pushed_out:
        parts.append("要挤出" + "、".join(stop_name(each) for each in price.pushed_out))
    if price.pulled_in:
        parts.append("可换入" + "、".join(stop_name(each) for each in price.pulled_in))
    return "，".join(parts)


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
