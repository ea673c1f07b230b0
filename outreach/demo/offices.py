"""The five offices: what their files look like and how carefully they keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.demo.dirt import Rates
from outreach.demo.rows import write_civil, write_hr, write_market, write_tax, write_union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from outreach.demo.dirt import Clerk
    from outreach.demo.entities import Entity
    from outreach.demo.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """How one office keeps its register.

    Attributes
    ----------
    label
        What the title calls the rows; None for a file without a title.
    blank
        Columns (0 = first) that an unreadable row lacks: name and codes.
    unreadable
        Number of such rows in a district with a dirt factor of 1.
    write
        Yields the rows of one entity, without the running number.
    """

    file: str
    label: str | None
    header: tuple[str, ...]
    blank: tuple[int, ...]
    unreadable: int
    rates: Rates
    write: Callable[[Clerk, Entity], Iterator[Row]]


OFFICES = (
    Office(
        file="market.xlsx",
        label="市场主体登记信息表",
        header=(
            "序号", "统一社会信用代码", "注册号", "企业名称", "曾用名", "法定代表人", "联系电话",
            "住所", "登记状态", "从业人数", "成立日期", "行业门类", "数据日期",
        ),
        blank=(1, 2, 3),
        unreadable=2,
        rates=Rates(typo=0.004, space=0.006, code_typo=0.0024, code_odd=0.001, twice=0.007),
        write=write_market,
    ),
    Office(
        file="hr.xlsx",
        label="参保单位信息表",
        header=(
            "序号", "单位编号", "统一社会信用代码", "组织机构代码", "参保单位名称", "法人",
            "联系电话", "单位地址", "参保状态", "参保人数", "费款所属期",
        ),
        blank=(2, 3, 4),
        unreadable=2,
        rates=Rates(
            former=0.4, form=0.06, prefix=0.05, drop=0.013, short=0.013, typo=0.022,
            traditional=0.006, width=0.45, space=0.024, note=0.022, code_typo=0.006,
            code_odd=0.0018, parent_code=0.16, moved=0.5, other_person=0.045,
        ),
        write=write_hr,
    ),
    Office(
        file="union.xlsx",
        label="基层工会登记表",
        header=(
            "序号", "单位统一社会信用代码", "工会统一社会信用代码", "单位/工会名称", "工会类型",
            "工会名称", "工会主席", "联系电话", "单位地址", "职工人数", "建会/更新日期",
        ),
        blank=(1, 2, 3),
        unreadable=1,
        rates=Rates(
            former=0.45, form=0.07, prefix=0.11, drop=0.2, short=0.13, typo=0.03,
            traditional=0.006, width=0.45, space=0.03, note=0.03, code_typo=0.006,
            code_odd=0.007, moved=0.5,
        ),
        write=write_union,
    ),
    Office(
        file="tax.csv",
        label=None,
        header=(
            "序号", "社会信用代码", "原税号", "纳税人名称", "法定代表人姓名", "财务负责人电话",
            "生产经营地址", "纳税人状态", "个税申报人数", "更新日期",
        ),
        blank=(1, 2, 3),
        unreadable=2,
        rates=Rates(
            former=0.27, form=0.014, prefix=0.025, drop=0.004, short=0.002, typo=0.012,
            traditional=0.004, width=0.45, space=0.029, note=0.012, code_typo=0.004,
            code_odd=0.0015, moved=0.5, other_person=0.022,
        ),
        write=write_tax,
    ),
    Office(
        file="civil.csv",
        label=None,
        header=(
            "序号", "统一社会信用代码", "社会组织名称", "法定代表人", "联系电话", "住所", "状态",
            "从业人员数", "年检日期",
        ),
        blank=(1, 2),
        unreadable=1,
        rates=Rates(typo=0.02, space=0.02, traditional=0.01, code_typo=0.004, code_odd=0.004),
        write=write_civil,
    ),
)  # fmt: skip
"""The offices, in the order in which their files are written."""
