"""Which value stands when sources differ: all rules per field, in this one place."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from outreach.domain.enterprises import Enterprise, OperatingState, UnionStatus
from outreach.domain.headcounts import Headcount, estimate_headcount
from outreach.domain.industries import classify_industry
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.fusion.calibration import prior_calibration
from outreach.fusion.deliveries import present_statements
from outreach.fusion.names import strip_union_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from outreach.domain.headcounts import Calibration

VISIT_STATE_HOLDS = timedelta(days=180)
"""What a grid worker saw stands above an older register for half a year."""

ACCOUNT_CLOSES = timedelta(days=92)
"""A social-insurance account without a figure for a quarter no longer counts."""


def fold_enterprise(
    statements: Iterable[Statement],
    township_of: Callable[[str], str],
    *,
    today: date,
    calibration: Calibration | None = None,
    employees_over: int = 25,
) -> Enterprise:
    """Fold all statements about one enterprise into its agreed values.

    What a newer delivery of a source says otherwise no longer counts.
    `township_of` names the township of an address, or gives an empty text. `calibration` is what
    the district's sources are worth, by default what is written of them; the probability of the
    estimated headcount is that of more than `employees_over`.
    """
    whole = list(statements)
    said: dict[Prop, list[Statement]] = {}
    for statement in present_statements(whole):
        said.setdefault(statement.prop, []).append(statement)
    name = _believed(said.get(Prop.NAME, []))
    address = _address(said)
    state, state_as_of = _state(said.get(Prop.STATUS, []), today)
    union_status, union_name = _union(said, today)
    headcounts = list_headcounts(whole)
    township = _believed(said.get(Prop.TOWNSHIP, []))
    shown_name = _shown_name(name)
    return Enterprise(
        name=shown_name or _believed(said.get(Prop.USCC, [])),
        uscc=_believed(said.get(Prop.USCC, [])),
        state=state,
        state_as_of=state_as_of,
        legal_rep=_believed(said.get(Prop.LEGAL_REP, [])),
        phone=_believed(said.get(Prop.PHONE, [])),
        address=address,
        township=township_of(address) or township,
        industry=classify_industry(code=_believed(said.get(Prop.INDUSTRY, [])), name=shown_name),
        union_status=union_status,
        union_name=union_name,
        headcount=estimate_headcount(
            headcounts,
            calibration or prior_calibration(),
            employees_over=employees_over,
            today=today,
        ),
        headcounts=tuple(headcounts),
    )


def addresses_by_belief(statements: Iterable[Statement]) -> list[str]:
    """All addresses of an enterprise, the likeliest place of work first."""
    said = [s for s in statements if s.prop in {Prop.ADDRESS, Prop.BIZ_ADDRESS}]
    said.sort(key=lambda s: (s.prop is not Prop.BIZ_ADDRESS, s.source.belief, -_day(s)))
    return list(dict.fromkeys(statement.value for statement in said))


def _day(statement: Statement) -> int:
    return (statement.as_of or date.min).toordinal()


def _believed(said: list[Statement]) -> str:
    """The newest value of the most believed source; among equals the first by text."""
    best = min(said, key=lambda s: (s.source.belief, -_day(s), s.value), default=None)
    return best.value if best else ""


def _shown_name(name: str) -> str:
    return strip_union_tail(name) if name.endswith(("工会", "委员会", "联合会")) else name


def _address(said: dict[Prop, list[Statement]]) -> str:
    both = [*said.get(Prop.BIZ_ADDRESS, []), *said.get(Prop.ADDRESS, [])]
    ordered = addresses_by_belief(both)
    return ordered[0] if ordered else ""


def _state(said: list[Statement], today: date) -> tuple[OperatingState, date | None]:
    registered = min(
        (s for s in said if s.source.tells_state),
        key=lambda s: (_is_unknown(s), s.source.belief, -_day(s), s.value),
        default=None,
    )
    seen = max(
        (s for s in said if s.source is Source.VISIT),
        key=lambda s: (_day(s), s.value),
        default=None,
    )
    if seen and seen.as_of and today - seen.as_of <= VISIT_STATE_HOLDS:
        newer = registered is None or registered.as_of is None or registered.as_of <= seen.as_of
        if newer:
            return OperatingState(seen.value), seen.as_of
    if registered is None:
        return (OperatingState(seen.value), seen.as_of) if seen else (OperatingState.UNKNOWN, None)
    return OperatingState(registered.value), registered.as_of


def _is_unknown(statement: Statement) -> bool:
    """A word that nobody knows says less than the next office's plain one."""
    return statement.value == OperatingState.UNKNOWN


def _union(said: dict[Prop, list[Statement]], today: date) -> tuple[UnionStatus, str]:
    """A union stands when the member database or a visit says so; an own one before a joint one.

    The newest word about each union counts, so that a union which ended does not stand for ever.
    """
    unions = _by_record([*said.get(Prop.UNION_NAME, []), *said.get(Prop.UNION_USCC, [])])
    names = _by_record(
        [s for s in said.get(Prop.NAME, []) if s.source is Source.MEMBERS]
        + said.get(Prop.UNION_NAME, [])
    )
    newest: dict[tuple[Source, str], Statement] = {}
    for word in said.get(Prop.UNION_STATUS, []):
        if word.as_of is not None and word.as_of > today:
            continue
        key = (word.source, unions.get(word.record_id, ""))
        if key not in newest or _latest_key(word) > _latest_key(newest[key]):
            newest[key] = word
    standing = max(newest.values(), key=_strongest_key, default=None)
    if standing is None or standing.value not in _UNION_ORDER:
        return UnionStatus.NONE, ""
    return UnionStatus(standing.value), names.get(standing.record_id, "")


_UNION_ORDER = ("joint", "own")


def _union_rank(word: Statement) -> int:
    return _UNION_ORDER.index(word.value) if word.value in _UNION_ORDER else -1


def _latest_key(word: Statement) -> tuple[int, int, int, int]:
    return (_day(word), word.delivery, _union_rank(word), -word.record_id)


def _strongest_key(word: Statement) -> tuple[int, int, int]:
    return (_union_rank(word), _day(word), -word.record_id)


def _by_record(statements: list[Statement]) -> dict[int, str]:
    """The value that each record gives; a later kind in the list stands above an earlier one."""
    return {statement.record_id: statement.value for statement in statements}


def list_headcounts(statements: Iterable[Statement]) -> list[Headcount]:
    """All dated figures of one enterprise, by source and day.

    The social-insurance accounts of one employer are summed: beside the main account there are some
    for projects, for dispatched workers and for work injury only.
    """
    whole = list(statements)
    said = [s for s in present_statements(whole) if s.prop is Prop.HEADCOUNT]
    figures = {
        Headcount(employees=int(s.value), source=s.source, as_of=s.as_of)
        for s in said
        if s.source is not Source.SOCIAL_SECURITY
    }
    figures |= _insured([s for s in said if s.source is Source.SOCIAL_SECURITY], _accounts(whole))
    return sorted(figures, key=lambda f: (f.source.value, f.as_of or date.min, f.employees))


def _accounts(whole: list[Statement]) -> dict[int, str]:
    """For each record the account that it is about: its number, else the name it goes by."""
    names = _by_record([s for s in whole if s.prop is Prop.NAME])
    return names | _by_record([s for s in whole if s.prop is Prop.SI_UNIT_NO])


def _insured(said: list[Statement], accounts: Mapping[int, str]) -> set[Headcount]:
    """For each day of each delivery the sum over the accounts, each with its newest figure then.

    Of the kinds of insurance of one account the widest counts. An account that was last heard of a
    quarter before the day is closed.
    """
    deliveries: dict[int, dict[str, dict[date, int]]] = {}
    for s in said:
        account = accounts.get(s.record_id, str(s.record_id))
        figures = deliveries.setdefault(s.delivery, {}).setdefault(account, {})
        day = s.as_of or date.min
        figures[day] = max(int(s.value), figures.get(day, 0))
    return {
        _sum_accounts(by_account.values(), day)
        for by_account in deliveries.values()
        for day in {day for figures in by_account.values() for day in figures}
    }


def _sum_accounts(accounts: Iterable[Mapping[date, int]], today: date) -> Headcount:
    heard = [
        figures[last]
        for figures in accounts
        if (last := max((day for day in figures if day <= today), default=None))
        and today - last <= ACCOUNT_CLOSES
    ]
    return Headcount(
        employees=sum(heard),
        source=Source.SOCIAL_SECURITY,
        as_of=None if today == date.min else today,
        accounts=len(heard),
    )
