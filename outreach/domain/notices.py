"""The State Council's yearly notice of days off, read as people have it: its text, or a table.

Reading is strict: a weekday or a count of days that does not fit the dates is a problem, since it
says that the text belongs to another year or was typed wrongly.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from outreach.domain.wording import Sentence

LONGEST_NOTICE = 20_000
"""Characters; the notice itself has fewer than 1,000."""

_SATURDAY = 5
_DECEMBER = 12
_LONGEST_SPAN = 15
_WEEKDAYS = "一二三四五六日"
_HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
"""The statutory holidays of all citizens (全国年节及纪念日放假办法, art. 2)."""

_MOST_HOLIDAYS_OFF = 45
_LEAST_HOLIDAYS_OFF = 13
"""Statutory days of a year (art. 2, since 2025); a notice with fewer was not read whole."""

_LINE = re.compile(r"^(?:[一二三四五六七八九十]+|\d+)\s*[、.\s]\s*([^:。]{2,12}):(.+)$")
_DAY = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?"
_SPAN = re.compile(_DAY + r"(?:\s*(?:至|到|—|-|~)\s*" + _DAY + ")?")
_COUNT = re.compile(r"(?:共|放假)(\d{1,2})天")
_YEAR = re.compile(r"(20\d{2})\s*年")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_WORKED = "上班"
_UNNAMED = "放假"
_FEAST = "节"
_SUNDAY_ASIDE = ("天", "日")
_OFF_WORDS = frozenset({"放假", "休息", "休", "off", "节假日", "holiday", "假"})
_WORK_WORDS = frozenset({"上班", "调休上班", "补班", "班", "work", "工作日"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A year's days off by holiday, and the rest days on which work is made up.

    `problems` keep it from being taken; `remarks` are to be looked at.
    """

    year: int
    days_off: tuple[tuple[str, tuple[date, ...]], ...] = ()
    make_up_days: tuple[date, ...] = ()
    problems: tuple[Sentence, ...] = ()
    remarks: tuple[Sentence, ...] = ()

    @property
    def count_off(self) -> int:
        """How many days it makes off."""
        return sum(len(days) for _, days in self.days_off)

    def as_json(self) -> dict[str, object]:
        """Return the form in which it is stored."""
        return {
            "off": [[name, [day.isoformat() for day in days]] for name, days in self.days_off],
            "work": [day.isoformat() for day in self.make_up_days],
        }


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read so far."""

    year: int
    off: dict[str, list[date]] = field(default_factory=dict)
    work: list[date] = field(default_factory=list)
    problems: list[Sentence] = field(default_factory=list)
    remarks: list[Sentence] = field(default_factory=list)

    def say(self, template: str, **values: str | int) -> None:
        self.problems.append(Sentence(template=template, values=values))


def read_notice(text: str, *, year: int) -> Notice:
    """Read the notice of a year from its text or from a table with date, kind and name."""
    found = _Reading(year=year)
    plain = _plain(text)
    if not plain.strip():
        found.say("没有内容,请贴上通知的文字或选一个文件")
        return _judged(found)
    if _looks_like_table(plain):
        _read_table(plain, found)
    else:
        _read_text(plain, found)
    return _judged(found)


def find_year(text: str) -> int | None:
    """The year that the text speaks of most often, or `None`."""
    years = [int(one) for one in _YEAR.findall(_plain(text))]
    years += [int(one) for one in re.findall(r"^\s*(20\d{2})[-/.]\d", text, re.MULTILINE)]
    return max(set(years), key=lambda one: (years.count(one), one)) if years else None


_HALF_WIDTH = str.maketrans("：（），；　０１２３４５６７８９", ":(),; 0123456789")


def _plain(text: str) -> str:
    return text.translate(_HALF_WIDTH).replace("\ufeff", "").replace("\r\n", "\n")


def _looks_like_table(text: str) -> bool:
    rows = [line for line in text.splitlines() if line.strip()]
    dated = sum(bool(re.match(r'\s*"?\d{4}[-/.]\d{1,2}[-/.]\d{1,2}', line)) for line in rows)
    return dated * 2 >= len(rows)


def _read_table(text: str, found: _Reading) -> None:
    separator = "\t" if text.count("\t") > text.count(",") else ","
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=separator), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        day = _iso(cells[0])
        if day is None:
            if number > 1:  # the first row may be the header
                found.say(
                    "第 {row} 行的日期“{value}”看不懂,请写成 2027-02-06", row=number, value=cells[0]
                )
            continue
        kind = next((cell for cell in cells[1:] if _kind(cell) is not None), "")
        names = [cell for cell in cells[1:] if cell and cell != kind]
        works = _kind(kind)
        if works is None:
            found.say("第 {row} 行没有写明放假还是上班", row=number)
        elif works:
            found.work.append(day)
        else:
            found.off.setdefault(names[0] if names else _UNNAMED, []).append(day)


def _kind(cell: str) -> bool | None:
    word = cell.lower()
    return True if word in _WORK_WORDS else False if word in _OFF_WORDS else None


def _iso(cell: str) -> date | None:
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", cell)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _read_text(text: str, found: _Reading) -> None:
    lines = [line.strip() for line in text.splitlines()]
    for line in lines:
        match = _LINE.match(line)
        if match is not None:
            _read_holiday(match[1].strip(), match[2], found)
    if not found.off and not found.problems:
        found.say("没有读到放假的日子:每个节日要单独一行,如“一、元旦:1月1日(周五)放假1天”")


def _read_holiday(name: str, words: str, found: _Reading) -> None:
    off: list[date] = []
    for sentence in words.split("。"):
        is_work = _WORKED in sentence
        month = 0
        for match in _SPAN.finditer(sentence):
            days, month = _span(match, month, name, found)
            if is_work:
                found.work += days
            elif not off:
                off += days
    count = _COUNT.search(words)
    if not off:
        found.say("{name} 一行没有写日子", name=name)
    elif count is not None and int(count[1]) != len(off):
        found.say(
            "{name} 写的是 {said} 天,按日子算是 {counted} 天,请核对",
            name=name,
            said=int(count[1]),
            counted=len(off),
        )
    found.off.setdefault(name, []).extend(off)


def _span(match: re.Match[str], month: int, name: str, found: _Reading) -> tuple[list[date], int]:
    """The days of one span; a day without a month belongs to the month before it in the text."""
    first = _date(match.groups()[:4], found.year, month, name, found)
    if first is None:
        return [], month
    if match[7] is None:
        return [first], first.month
    last = _date(match.groups()[4:8], first.year, first.month, name, found)
    if last is None:
        return [], first.month
    if not 0 <= (last - first).days < _LONGEST_SPAN:
        found.say(
            "{name} 的日子从 {first} 到 {last},不像是一次放假", name=name, **_both(first, last)
        )
        return [], last.month
    return [first + timedelta(days=n) for n in range((last - first).days + 1)], last.month


def _both(first: date, last: date) -> dict[str, str]:
    return {"first": first.isoformat(), "last": last.isoformat()}


def _date(
    parts: tuple[str | None, ...], year: int, month: int, name: str, found: _Reading
) -> date | None:
    said_year, said_month, said_day, aside = parts
    try:
        day = date(int(said_year or year), int(said_month or month), int(said_day or 0))
    except ValueError:
        found.say("{name} 里有一个不存在的日子:{value}日", name=name, value=said_day or "")
        return None
    weekday = _WEEKDAY.search(aside or "")
    if weekday is not None and _WEEKDAYS[day.weekday()] != weekday[1].replace(*_SUNDAY_ASIDE):
        found.say(
            "{name}:{day} 是周{is_day},通知里写的是周{said},请核对是不是 {year} 年的通知",
            name=name,
            day=day.isoformat(),
            is_day=_WEEKDAYS[day.weekday()],
            said=weekday[1],
            year=str(year),
        )
    return day


def _judged(found: _Reading) -> Notice:
    """Look at the whole: no day both, made-up work on rest days only, no holiday missing."""
    off = {day for days in found.off.values() for day in days}
    for day in sorted(off & set(found.work)):
        found.say("{day} 又放假又上班,请核对", day=day.isoformat())
    for day in sorted(found.work):
        if day.weekday() < _SATURDAY:
            found.say("{day} 本来就是工作日,不会是调休上班", day=day.isoformat())
    for day in sorted({*off, *found.work}):
        # New Year may begin in the last days of the year before.
        if day.year != found.year and day != date(found.year - 1, _DECEMBER, day.day):
            found.say("{day} 不在 {year} 年", day=day.isoformat(), year=str(found.year))
    if off and not _LEAST_HOLIDAYS_OFF <= len(off) <= _MOST_HOLIDAYS_OFF:
        found.say("一年放假 {count} 天,不像是完整的通知", count=len(off))
    names = "".join(found.off)
    for holiday in _HOLIDAYS:
        if off and holiday not in names and holiday.removesuffix(_FEAST) not in names:
            found.remarks.append(
                Sentence(template="没有看到{name},请核对", values={"name": holiday})
            )
    return Notice(
        year=found.year,
        days_off=tuple((name, tuple(sorted(set(days)))) for name, days in found.off.items()),
        make_up_days=tuple(sorted(set(found.work))),
        problems=tuple(found.problems),
        remarks=tuple(found.remarks),
    )
