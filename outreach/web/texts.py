"""Words and numbers in templates, in the reader's language."""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import g, redirect, request, url_for

from outreach.domain.calendar import CHINA
from outreach.domain.enterprises import Industry, OperatingState, UnionStatus
from outreach.domain.grid_figures import percent
from outreach.domain.industry_sections import section_of
from outreach.domain.plans import TravelMode
from outreach.domain.statements import Prop
from outreach.i18n import Language, say, say_day, translate
from outreach.web import current

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from werkzeug.wrappers import Response

    from outreach.domain.wording import Sentence, Value
    from outreach.errors import OutreachError

YEAR_S = 365 * 24 * 3600
TEXT_SIZE_COOKIE = "text"


class TextSize(StrEnum):
    """How large a page is set on a phone; the largest is 30 px."""

    NORMAL = "normal"
    LARGE = "large"
    LARGEST = "largest"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"normal": "标准", "large": "大字", "largest": "特大字"}[self.value]


_CODED: dict[Prop, type[OperatingState | UnionStatus | Industry]] = {
    Prop.STATUS: OperatingState,
    Prop.UNION_STATUS: UnionStatus,
    Prop.INDUSTRY: Industry,
}
_STATIC = Path(__file__).parent / "static"


def text(template: str, **values: object) -> str:
    """Put a text of ours into the reader's language: `_("共 {count} 家", count=3)`."""
    language = current.language()
    return say(language, template, **values) if values else translate(template, language)


def sentence(value: Sentence) -> str:
    """Put a sentence of the domain into the reader's language: days named, numbers grouped."""
    return text(value.template, **{name: _shown(one) for name, one in value.values.items()})


def _shown(value: Value) -> Value:
    if isinstance(value, date):
        return day(value)
    return number(value) if isinstance(value, int) else value


def error_text(error: OutreachError) -> str:
    """Put an error's message into the reader's language."""
    return text(error.template, **error.values)


def label(value: Any) -> str:  # noqa: ANN401  every closed set has a label
    """The name of a member of a closed set, or a dash for none."""
    return text(value.label) if value is not None else "—"


def day(value: date | None) -> str:
    """A day with its weekday, or a dash."""
    return say_day(value, current.language()) if value is not None else "—"


def weekday(value: date) -> str:
    """The day of the week in one short word."""
    if current.language() is Language.EN:
        return f"{value:%a}"
    return say_day(value, Language.ZH).split()[1]


def moment(value: datetime | None) -> str:
    """A day and a time on the clock of China, or a dash."""
    if value is None:
        return "—"
    local = value.astimezone(CHINA)
    return f"{say_day(local.date(), current.language())} {local:%H:%M}"


def clock(value: datetime) -> str:
    """The time of a moment on the clock of China."""
    return f"{value.astimezone(CHINA):%H:%M}"


def number(value: float | None) -> str:
    """A number with thousands, or a dash."""
    return f"{value:,}" if value is not None else "—"


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent, or a dash when there is no whole.

    Rounded as on the maps, so that 100 % is written only when nothing is left.
    """
    return f"{percent(part, whole)}%" if whole else "—"


def said_value(prop: Prop, value: str) -> str:
    """A statement's cleaned value as people read it: codes of closed sets get their names."""
    kind = _CODED.get(prop)
    if kind is not None and value in set(kind):
        return label(kind(value))
    section = section_of(value) if prop is Prop.INDUSTRY else ""
    return f"{text(section)} ({value})" if section else value


def minutes(value: int) -> str:
    """A span of time in hours and minutes."""
    if value == 0:
        return text("不到 1 分钟")
    hours, rest = divmod(value, 60)
    if not hours:
        return text("{minutes} 分钟", minutes=rest)
    return text("{hours} 小时 {minutes} 分钟", hours=hours, minutes=rest)


@cache
def _digest(name: str, changed_ns: int) -> str:
    del changed_ns  # a changed file has another address
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]


def static_file(name: str) -> str:
    """The address of a file of ours; it changes with the file, so it is cached for ever."""
    changed = (_STATIC / name).stat().st_mtime_ns
    return url_for("static", filename=name, v=_digest(name, changed))


def this_page(**changes: object) -> str:
    """The address of the page being shown with some parameters changed; `None` drops one."""
    kept = request.args.copy()
    for name, value in changes.items():
        kept.poplist(name)
        if value is not None:
            kept[name] = str(value)
    query = urlencode(list(kept.items(multi=True)))
    path = g.get("address") or request.path
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def answer_belongs_to(address: str) -> None:
    """Say which page a posted form's answer shows, so that its links lead back to that page."""
    g.address = address


def other_language() -> tuple[str, str, str]:
    """The other language: its code, its own name, and the address of this page in it."""
    code, name = ("en", "English") if current.language() is Language.ZH else ("zh", "中文")
    is_page = request.endpoint is not None and (request.method == "GET" or "address" in g)
    return code, name, this_page(lang=code) if is_page else url_for("accounts.home", lang=code)


def text_size() -> TextSize:
    """The size of text that was chosen on this browser."""
    chosen = request.cookies.get(TEXT_SIZE_COOKIE)
    return TextSize(chosen) if chosen in set(TextSize) else TextSize.NORMAL


def keep_text_size(answer: Response, chosen: str) -> None:
    """Keep a size of text on this browser; anything unknown changes nothing."""
    if chosen in set(TextSize):
        _keep_choice(answer, TEXT_SIZE_COOKIE, chosen)


def _keep_choice(answer: Response, name: str, chosen: str) -> None:
    answer.set_cookie(
        name,
        chosen,
        max_age=YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=current.surroundings().settings.cookie_secure,
    )


def _choose_language() -> Response | None:
    chosen = request.args.get("lang")
    if chosen not in set(Language) or request.method != "GET" or request.endpoint is None:
        return None
    answer = redirect(this_page(lang=None), 303)
    _keep_choice(answer, current.LANGUAGE_COOKIE, str(chosen))
    return answer


def install(app: Flask) -> None:
    """Make the words known to every template, and let `?lang=` choose the language."""
    app.before_request(_choose_language)
    app.jinja_env.globals.update(
        _=text,
        static_file=static_file,
        this_page=this_page,
        other_language=other_language,
        language=current.language,
        principal=current.find_principal,
        share=share,
        text_size=text_size,
        travel_modes=list(TravelMode),
    )
    app.jinja_env.filters.update(
        sentence=sentence,
        label=label,
        day=day,
        weekday=weekday,
        moment=moment,
        clock=clock,
        number=number,
        minutes=minutes,
        value=said_value,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
