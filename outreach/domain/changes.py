"""What changed in the enterprise file from one linking to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.enterprises import OperatingState, UnionStatus
from outreach.domain.sources import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date


class ChangeKind(StrEnum):
    """What happened to a firm, as far as the registers tell."""

    NEW = "new"
    CLOSED = "closed"
    REOPENED = "reopened"
    MOVED = "moved"
    RENAMED = "renamed"
    CROSSED_UP = "crossed_up"
    CROSSED_DOWN = "crossed_down"
    UNION_FOUNDED = "union_founded"
    UNION_ENDED = "union_ended"
    VANISHED = "vanished"
    BACK = "back"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _LABELS[self]


_LABELS = {
    ChangeKind.NEW: "新增",
    ChangeKind.CLOSED: "注销或迁出",
    ChangeKind.REOPENED: "恢复经营",
    ChangeKind.MOVED: "换了地方",
    ChangeKind.RENAMED: "改名",
    ChangeKind.CROSSED_UP: "人数超过标准",
    ChangeKind.CROSSED_DOWN: "人数降到标准以下",
    ChangeKind.UNION_FOUNDED: "新建工会",
    ChangeKind.UNION_ENDED: "工会没有了",
    ChangeKind.VANISHED: "登记表里不见了",
    ChangeKind.BACK: "登记表里又有了",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A value that a source gave for a day."""

    text: str
    source: Source
    as_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A register whose newest complete delivery no longer names the firm.

    `last_seen` is the day of the last delivery that did, `since` of the first that did not.
    """

    source: Source
    last_seen: date
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One enterprise at one linking, as far as changes are judged.

    `records` are all its rows; `point` is (lon, lat) in WGS-84 degrees or `None`; `grid` the name
    of the grid of `grid_id`. `names` and `addresses` are what each source says, newest last.
    """

    enterprise_id: int
    records: frozenset[int]
    name: str
    address: str = ""
    state: OperatingState = OperatingState.UNKNOWN
    union_status: UnionStatus = UnionStatus.NONE
    union_name: str = ""
    employees: int | None = None
    grid_id: int | None = None
    grid: str = ""
    point: tuple[float, float] | None = None
    point_is_seen: bool = False
    missing: tuple[Missing, ...] = ()
    names: tuple[Said, ...] = ()
    addresses: tuple[Said, ...] = ()
    states: tuple[Said, ...] = ()
    unions: tuple[Said, ...] = ()
    headcounts: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: `before` and `after` are received text or a value's code, never a sentence."""

    enterprise_id: int
    kind: ChangeKind
    before: str = ""
    after: str = ""
    source: Source | None = None
    as_of: date | None = None
    grid_id: int | None = None
    former_grid_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sameness:
    """Whether two names, or two addresses, are spellings of one."""

    name: Callable[[str, str], bool]
    address: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """An enterprise after the linking with what stood for it before: itself, and what it took in.

    `is_part` says that some of its rows went elsewhere: then the linkage changed, not the firm.
    """

    after: Snapshot
    before: Snapshot
    taken_in: tuple[Snapshot, ...] = field(default=())
    is_part: bool = False

    def was(self, value: object, name: str) -> bool:
        """Whether the firm, or one that it took in, had this value before."""
        return any(getattr(one, name) == value for one in (self.before, *self.taken_in))


def find_changes(
    before: Mapping[int, Snapshot],
    after: Iterable[Snapshot],
    *,
    same: Sameness,
    employees_over: int,
) -> list[Change]:
    """Compare the enterprise file before and after a linking.

    Rows that were joined or parted are no change of a firm: an enterprise is new only when all its
    rows are, one that was taken in by another is not closed, and what it brings along is no change
    of the other; of a part that was split off nothing is said.

    Parameters
    ----------
    before : by enterprise id; empty before the first linking, which gives no changes.
    after : the enterprises now, without those that were retired.
    employees_over : the legal line; more employees than this are over it.
    """
    if not before:
        return []
    homes = {record: one.enterprise_id for one in before.values() for record in one.records}
    changes: list[Change] = []
    for one in after:
        former = {homes[record] for record in one.records if record in homes}
        if not former:
            changes.append(_new(one))
            continue
        pair = _pair(one, former, before)
        if pair is not None:
            changes += _changes_of(pair, same, employees_over)
    return changes


def _new(one: Snapshot) -> Change:
    said = one.names[-1] if one.names else None
    return Change(
        enterprise_id=one.enterprise_id,
        kind=ChangeKind.NEW,
        after=one.name,
        source=said.source if said else None,
        as_of=said.as_of if said else None,
        grid_id=one.grid_id,
    )


def _pair(one: Snapshot, former: set[int], before: Mapping[int, Snapshot]) -> _Pair | None:
    known = before.get(one.enterprise_id)
    if known is None:
        return None
    others = tuple(before[i] for i in sorted(former - {one.enterprise_id}))
    return _Pair(after=one, before=known, taken_in=others, is_part=not known.records <= one.records)


def _changes_of(pair: _Pair, same: Sameness, employees_over: int) -> Iterator[Change]:
    if not pair.is_part:
        yield from _state(pair)
        yield from _place(pair, same)
        yield from _name(pair, same)
        yield from _headcount(pair, employees_over)
        yield from _union(pair)
    yield from _missing(pair)


def _make(
    pair: _Pair, kind: ChangeKind, values: tuple[str, str], said: Said | None, **grid: int | None
) -> Change:
    return Change(
        enterprise_id=pair.after.enterprise_id,
        kind=kind,
        before=values[0],
        after=values[1],
        source=said.source if said else None,
        as_of=said.as_of if said else None,
        grid_id=pair.after.grid_id or pair.before.grid_id,
        **grid,
    )


def _state(pair: _Pair) -> Iterator[Change]:
    before, after = pair.before.state, pair.after.state
    if before.has_ended == after.has_ended or pair.was(after, "state"):
        return
    if after is OperatingState.UNKNOWN:
        return
    kind = ChangeKind.CLOSED if after.has_ended else ChangeKind.REOPENED
    yield _make(pair, kind, (before.value, after.value), _find(pair.after.states, after.value))


def _place(pair: _Pair, same: Sameness) -> Iterator[Change]:
    before, after = pair.before, pair.after
    said = _find(after.addresses, after.address)
    former = {"former_grid_id": before.grid_id} if before.grid_id != after.grid_id else {}
    known = [one.addresses for one in (before, *pair.taken_in)]
    if _is_news(before.address, after.address, said, known, same.address):
        yield _make(pair, ChangeKind.MOVED, (before.address, after.address), said, **former)
    elif before.grid_id and after.grid_id and former and _is_elsewhere(pair):
        yield _make(pair, ChangeKind.MOVED, (before.grid, after.grid), said, **former)
    elif heard := _hear_move(pair, same):
        yield _make(pair, ChangeKind.MOVED, (before.address, heard.text), heard)


def _hear_move(pair: _Pair, same: Sameness) -> Said | None:
    """A source that now tells a place nobody told before, although another one is still believed.

    The source must have told a place before: what an office says of a firm for the first time is
    no news of a move.
    """
    known = [s.text for one in (pair.before, *pair.taken_in) for s in one.addresses]
    for source in dict.fromkeys(s.source for s in pair.before.addresses):
        newest = next((s for s in reversed(pair.after.addresses) if s.source is source), None)
        if newest and newest.text and not any(same.address(text, newest.text) for text in known):
            return newest
    return None


def _is_elsewhere(pair: _Pair) -> bool:
    """Whether the point itself is another one: a grid that was drawn anew moves nobody.

    Nor does a person who puts a firm where it always was.
    """
    seen = pair.after.point_is_seen or pair.before.point_is_seen
    return pair.before.point != pair.after.point and not seen and not pair.taken_in


def _name(pair: _Pair, same: Sameness) -> Iterator[Change]:
    before, after = pair.before, pair.after
    said = _find(after.names, after.name)
    known = [one.names for one in (before, *pair.taken_in)]
    if _is_news(before.name, after.name, said, known, same.name):
        yield _make(pair, ChangeKind.RENAMED, (before.name, after.name), said)


def _is_news(
    before: str,
    after: str,
    said: Said | None,
    known: Sequence[Sequence[Said]],
    same: Callable[[str, str], bool],
) -> bool:
    """Whether a value is more than another spelling, or another source's word known before.

    When the source that was believed (of the enterprise itself, `known[0]`) now says something
    else, that is news even where another source said it first.
    """
    if not before or not after or same(before, after):
        return False
    believed = {one.source for one in known[0] if one.text == before}
    if len(known) == 1 and said is not None and said.source in believed:
        return True
    return not any(same(one.text, after) for words in known for one in words)


def _headcount(pair: _Pair, line: int) -> Iterator[Change]:
    """The line is crossed by people: a source must tell another figure than before.

    An estimate that moves over the line because the district's sources are weighed anew is no
    change of the firm.
    """
    before, after = pair.before.employees, pair.after.employees
    if after is None or pair.taken_in:
        return
    was_over, is_over = before is not None and before > line, after > line
    told = _other_figure(pair)
    if was_over == is_over or told is None:
        return
    kind = ChangeKind.CROSSED_UP if is_over else ChangeKind.CROSSED_DOWN
    yield _make(pair, kind, (str(before) if before is not None else "", str(after)), told)


def _other_figure(pair: _Pair) -> Said | None:
    """The newest figure of a source that told another one before, or none."""
    were = {one.source: one.text for one in pair.before.headcounts}
    are = {one.source: one for one in pair.after.headcounts}
    others = [one for source, one in are.items() if were.get(source) != one.text]
    return max(others, key=lambda one: (one.as_of is not None, one.as_of), default=None)


def _union(pair: _Pair) -> Iterator[Change]:
    before, after = pair.before.union_status, pair.after.union_status
    if before is after or pair.was(after, "union_status"):
        return
    founded = before is UnionStatus.NONE or (
        before is UnionStatus.JOINT and after is UnionStatus.OWN
    )
    if not founded and after is not UnionStatus.NONE:
        return
    kind = ChangeKind.UNION_FOUNDED if founded else ChangeKind.UNION_ENDED
    values = (
        pair.before.union_name or before.value,
        pair.after.union_name or after.value,
    )
    yield _make(pair, kind, values, _find(pair.after.unions, after.value))


def _missing(pair: _Pair) -> Iterator[Change]:
    were = {m.source: m for one in (pair.before, *pair.taken_in) for m in one.missing}
    are = {m.source: m for m in pair.after.missing}
    for source in Source:
        if source in are and source not in were:
            gone = are[source]
            said = Said(text="", source=source, as_of=gone.since)
            values = (gone.last_seen.isoformat(), "")
            yield _make(pair, ChangeKind.VANISHED, values, said)
        elif source in were and source not in are and not pair.is_part:
            said = Said(text="", source=source, as_of=None)
            yield _make(pair, ChangeKind.BACK, (were[source].since.isoformat(), ""), said)


def _find(said: Sequence[Said], text: str) -> Said | None:
    """The newest word that says this."""
    return next((one for one in reversed(said) if one.text == text), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A delivery of a source and whether it names the firm; `complete` when it lists all."""

    day: date
    complete: bool
    named: bool


def find_missing(source: Source, sightings: Sequence[Sighting]) -> Missing | None:
    """Whether a firm vanished from a register: the newest complete delivery leaves it out.

    It must have stood in an earlier complete one; a partial delivery that names it proves that it
    is still there, one that does not proves nothing.

    Parameters
    ----------
    sightings : all deliveries of the source, oldest first.
    """
    last = max((i for i, one in enumerate(sightings) if one.named), default=None)
    if last is None or not any(one.named and one.complete for one in sightings):
        return None
    gone = next((one for one in sightings[last + 1 :] if one.complete), None)
    if gone is None:
        return None
    return Missing(source=source, last_seen=sightings[last].day, since=gone.day)
