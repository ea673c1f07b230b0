"""Who said it: the registers that offices send, and the grid worker's own visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What the rules must know of a source; no rule needs its name.

    label_en : the English name; empty when the catalogue has it.
    belief : place in the order of belief about identity, the smallest is believed first.
    counts : the value of a `HeadcountKind`, what its headcount counts; empty when it gives none.
    is_register : it registers enterprises, so that its codes are the entity's own.
    lists_once : one file of it never lists an enterprise twice.
    tells_state : its word about closing counts; others may rest while the enterprise works.
    """

    label: str
    belief: int
    label_en: str = ""
    counts: str = ""
    is_register: bool = False
    lists_once: bool = False
    tells_state: bool = False


class _Known(type):
    """Lets `for source in Source` run over every source that was declared."""

    def __iter__(cls) -> Iterator[Source]:
        return iter(_DECLARED.values())


_DECLARED: dict[str, Source] = {}


class Source(str, metaclass=_Known):
    """An office whose register is received, or the visit; one object per name, so `is` holds.

    The sources that rules speak of are named here. Further ones are declared by the file that
    describes their register.
    """

    __slots__ = ("facts",)
    facts: SourceFacts

    MARKET: ClassVar[Source]
    SOCIAL_SECURITY: ClassVar[Source]
    TAX: ClassVar[Source]
    CIVIL_AFFAIRS: ClassVar[Source]
    MEMBERS: ClassVar[Source]
    VISIT: ClassVar[Source]

    def __new__(cls, name: str) -> Self:
        """Return the declared source of this name.

        Raises
        ------
        ValueError
            When no source of this name was declared.
        """
        known = _DECLARED.get(name)
        if known is None:
            raise ValueError(f"{name!r}: no declared source")
        return known  # type: ignore[return-value]

    @classmethod
    def declare(cls, name: str, facts: SourceFacts) -> Source:
        """Make a source known; a second time with the same facts changes nothing.

        Raises
        ------
        ValueError
            When the name stands for other facts already.
        """
        if known := _DECLARED.get(name):
            if known.facts != facts:
                raise ValueError(f"{name!r}: declared with other facts before")
            return known
        source = str.__new__(cls, name)
        source.facts = facts
        return _DECLARED.setdefault(name, source)

    def __reduce__(self) -> tuple[object, tuple[str, SourceFacts]]:
        """Another process, or a copy, gets the one object of this name."""
        return Source.declare, (str(self), self.facts)

    @property
    def value(self) -> str:
        """The name as it is stored."""
        return str(self)

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return self.facts.label

    @property
    def is_register(self) -> bool:
        """Whether the source registers enterprises, so that its codes are the entity's own."""
        return self.facts.is_register

    @property
    def lists_once(self) -> bool:
        """Whether one file of the source never lists an enterprise twice."""
        return self.facts.lists_once

    @property
    def tells_state(self) -> bool:
        """Whether the source's word about closing counts."""
        return self.facts.tells_state

    @property
    def belief(self) -> int:
        """Place in the order of belief about identity; the smallest is believed first."""
        return self.facts.belief


Source.MARKET = Source.declare(
    "market",
    SourceFacts(
        label="市场监管",
        belief=10,
        counts="reported",
        is_register=True,
        lists_once=True,
        tells_state=True,
    ),
)
Source.CIVIL_AFFAIRS = Source.declare(
    "civil_affairs",
    SourceFacts(
        label="民政",
        belief=20,
        counts="reported",
        is_register=True,
        lists_once=True,
        tells_state=True,
    ),
)
Source.TAX = Source.declare(
    "tax",
    SourceFacts(
        label="税务",
        belief=30,
        counts="taxed",
        lists_once=True,
        tells_state=True,
    ),
)
Source.SOCIAL_SECURITY = Source.declare(
    "social_security",
    SourceFacts(label="人社", belief=40, counts="insured", tells_state=True),
)
Source.MEMBERS = Source.declare(
    "members",
    SourceFacts(label="会员库", belief=50, counts="union"),
)
Source.VISIT = Source.declare("visit", SourceFacts(label="走访", belief=60, counts="attending"))
