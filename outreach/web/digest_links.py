"""From the numbers of a month in words to the lists behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import url_for

from outreach.services.desk.field_work import WorkKind

if TYPE_CHECKING:
    from datetime import date

    from outreach.domain.wording import Sentence
    from outreach.services.desk.digests import Digest

Links = dict[str, str | None]
"""By the name of the number in its sentence."""


def behind(digest: Digest, title: str, sentence: Sentence, *, today: date) -> Links:
    """The lists behind the numbers of a sentence, which stands in the paragraph of a title.

    Which firms were due on an earlier day is not kept, nor which requests were open, so only a
    month that runs has lists of them. Outings have none: they would be the days of a person.
    """
    if title == "走访":
        return _work(digest.month)
    found: Links = {}
    if kind := sentence.values.get("kind"):
        month = digest.month.isoformat()
        found["count"] = url_for("changes.index", kind=str(kind), month=month)
    if digest.counted_on == today:
        found |= _firms(title, sentence)
    if digest.until == today and title == "诉求":
        found["open"] = url_for("cases.index", open=1)
        found["overdue"] = url_for("cases.index", urgency="overdue")
    return found


def _work(month: date) -> Links:
    before = (month - timedelta(days=1)).replace(day=1)
    found: Links = {
        kind.value: url_for("dashboard.work", month=month.isoformat(), kind=kind.value)
        for kind in WorkKind
    }
    return {**found, "before": url_for("dashboard.work", month=before.isoformat(), kind="visits")}


def _firms(title: str, sentence: Sentence) -> Links:
    asked: dict[str, dict[str, dict[str, Any]]] = {
        "建会": {
            "should": {"reached": "untouched"},
            "founded": {"reached": "founded"},
            "targets": {"standing": "target"},
            "willing": {"stage": "willing"},
            "preparing": {"stage": "preparing"},
        },
        "覆盖": {
            "due": {"due": "1"},
            "covered": {"due": "1", "visited": "covered"},
            "overdue": {"due": "1", "visited": "overdue"},
            "never": {"due": "1", "visited": "never"},
        },
        "数据": {
            "firms": {},
            "unplaced": {"unplaced": "1"},
            "doubtful": {"standing": "near_miss", "headcount": "doubtful"},
        },
    }
    if title == "哪里最需要人手":
        town = {"township": str(sentence.values["township"]), "due": "1"}
        asked[title] = {"due": town, "covered": {**town, "visited": "covered"}}
    return {
        name: url_for("enterprises.index", **wanted)
        for name, wanted in asked.get(title, {}).items()
    }
