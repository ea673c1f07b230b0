"""What is wrong with a received row or value, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from outreach.domain.wording import Sentence


class Severity(StrEnum):
    """How much of the row an issue costs."""

    NOTE = "note"
    VALUE_LOST = "value_lost"
    ROW_HELD = "row_held"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"note": "提示", "value_lost": "该值未采用", "row_held": "该行未采用"}[self.value]


class IssueKind(StrEnum):
    """A stable code for each kind of trouble in a received file."""

    UNREAD_COLUMN = "E201"
    MISSING_COLUMN = "E202"
    UNKNOWN_CODE = "E203"
    BAD_DATE = "E204"
    BAD_NUMBER = "E205"
    BAD_CREDIT_CODE = "E206"
    SCIENTIFIC_NUMBER = "E207"
    PERSONAL_ID = "E208"
    MENDED_CODE = "E209"
    BAD_BYTES = "E210"
    NO_NAME_NO_CODE = "E211"
    BAD_REG_NO = "E212"
    BAD_TAX_NUMBER = "E213"
    BAD_ORG_CODE = "E214"
    TOO_LONG = "E215"
    BAD_COORDINATES = "E216"
    OUTSIDE_DISTRICT = "E217"
    UNION_CODE_AS_EMPLOYER = "E218"
    PARENT_CODE = "E219"
    AMBIGUOUS_MATCH = "E220"
    CONFLICTING_CODES = "E221"
    WEAK_FILL = "E222"
    UNREAD_SHEET = "E223"
    NO_RESULT = "E224"
    SWAPPED_COLUMNS = "E225"
    DUPLICATE_ROW = "E226"
    OTHER_DISTRICT = "E227"
    FOUND_ON_THE_SPOT = "E228"
    NO_DATE = "E229"
    REPEATED_CODE = "E230"
    OTHER_NAME = "E231"

    @property
    def severity(self) -> Severity:
        """What the trouble costs."""
        return _TEXTS[self][0]

    @property
    def problem(self) -> str:
        """The Chinese template of what is wrong; placeholders `column` and `value`."""
        return _TEXTS[self][1]

    @property
    def remedy(self) -> str:
        """The Chinese sentence that says how to mend it."""
        return _TEXTS[self][2]


_TEXTS: dict[IssueKind, tuple[Severity, str, str]] = {
    IssueKind.UNREAD_COLUMN: (
        Severity.NOTE,
        "没有用到“{column}”这一列",
        "如果这一列有用,请在“导入”页面说明它是什么",
    ),
    IssueKind.MISSING_COLUMN: (
        Severity.NOTE,
        "没有找到“{column}”这一列",
        "请核对表头,或请来文单位补上这一列",
    ),
    IssueKind.UNKNOWN_CODE: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”不在对照表里",
        "请在来源说明文件的对照表里补上这个取值",
    ),
    IssueKind.BAD_DATE: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”不是日期",
        "请改成 2026-05-31 这样的日期",
    ),
    IssueKind.BAD_NUMBER: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”不是人数",
        "请改成 0 到 500000 之间的整数",
    ),
    IssueKind.BAD_CREDIT_CODE: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”通不过统一社会信用代码的校验",
        "请对照营业执照核对 18 位代码",
    ),
    IssueKind.SCIENTIFIC_NUMBER: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”是被表格改成科学计数的代码,原代码已丢失",
        "请把这一列设为文本格式后重新导出",
    ),
    IssueKind.PERSONAL_ID: (
        Severity.VALUE_LOST,
        "“{column}”里是个人证件号,没有保存",
        "本系统不需要个人证件号,请来文单位去掉",
    ),
    IssueKind.MENDED_CODE: (
        Severity.NOTE,
        "“{column}”里的“{value}”有笔误,按校验位唯一确定后采用",
        "请来文单位在原表改正",
    ),
    IssueKind.BAD_BYTES: (
        Severity.NOTE,
        "“{column}”里有读不出的字符:“{value}”",
        "请用 UTF-8 或 GB18030 重新导出这一行",
    ),
    IssueKind.NO_NAME_NO_CODE: (
        Severity.ROW_HELD,
        "这一行没有名称,也没有可用的代码",
        "请补上单位名称或统一社会信用代码后重新导入",
    ),
    IssueKind.BAD_REG_NO: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”通不过注册号的校验",
        "请核对 15 位注册号",
    ),
    IssueKind.BAD_TAX_NUMBER: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”不是可用的税号",
        "请核对 15 位税号或 18 位统一社会信用代码",
    ),
    IssueKind.BAD_ORG_CODE: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”通不过组织机构代码的校验",
        "请核对 9 位组织机构代码",
    ),
    IssueKind.TOO_LONG: (
        Severity.VALUE_LOST,
        "“{column}”里的文字太长:“{value}”",
        "请缩短到 500 字以内",
    ),
    IssueKind.BAD_COORDINATES: (
        Severity.VALUE_LOST,
        "“{column}”里的“{value}”不是经纬度",
        "请给出十进制度数,经度在前,并说明坐标系",
    ),
    IssueKind.OUTSIDE_DISTRICT: (
        Severity.VALUE_LOST,
        "坐标“{value}”不在本区范围内",
        "请核对经纬度是否写反、坐标系是否选对",
    ),
    IssueKind.UNION_CODE_AS_EMPLOYER: (
        Severity.NOTE,
        "“{column}”里的“{value}”是工会自己的代码,不作为单位代码",
        "请填写单位营业执照上的代码",
    ),
    IssueKind.PARENT_CODE: (
        Severity.NOTE,
        "“{value}”是上级单位的代码,这一行是分支机构",
        "请填写分支机构自己的代码",
    ),
    IssueKind.AMBIGUOUS_MATCH: (
        Severity.NOTE,
        "“{value}”和别的行可能是同一家,没有自动归并",
        "请在“归并判断”里看是不是同一家,或补上统一社会信用代码",
    ),
    IssueKind.CONFLICTING_CODES: (
        Severity.NOTE,
        "用到“{value}”的几行,统一社会信用代码不同,没有归并",
        "请核对哪个代码有效",
    ),
    IssueKind.UNREAD_SHEET: (
        Severity.NOTE,
        "没有读工作表“{value}”",
        "一个文件只读一张登记表,请把这张表另存成单独的文件再导入",
    ),
    IssueKind.NO_RESULT: (
        Severity.VALUE_LOST,
        "“{column}”里是公式,没有算出的结果",
        "请用表格软件打开后保存一次,或者把公式粘贴为数值",
    ),
    IssueKind.SWAPPED_COLUMNS: (
        Severity.NOTE,
        "“{column}”和“{value}”两列的内容对调了,已按内容读取",
        "请核对这两列,并请来文单位改正表头",
    ),
    IssueKind.DUPLICATE_ROW: (
        Severity.NOTE,
        "这一行与第 {value} 行完全相同",
        "一个单位写一行就够;如果是两个单位,请补上能区分的内容",
    ),
    IssueKind.OTHER_DISTRICT: (
        Severity.NOTE,
        "信用代码多数属于别的地区:{value}",
        "请核对是不是发错了文件;不是本区的文件请放弃导入",
    ),
    IssueKind.NO_DATE: (
        Severity.NOTE,
        "整份文件没有数据日期,会按收到的那天算,盖过以前各月的值",
        "请填这份数据说的是哪一天,再导入",
    ),
    IssueKind.REPEATED_CODE: (
        Severity.NOTE,
        "信用代码 {column} 和第 {value} 行重复,两行内容不同",
        "一个代码只属于一个单位;请核对是哪一行写错了",
    ),
    IssueKind.OTHER_NAME: (
        Severity.NOTE,
        "这一行叫“{column}”,底数里这个信用代码是“{value}”",
        "确实改了名称就不用管;否则请改正代码,不然会盖过那家企业的名称",
    ),
    IssueKind.FOUND_ON_THE_SPOT: (
        Severity.NOTE,
        "网格员发现了登记表里没有的“{value}”",
        "请核对它是否已登记,是不是已有企业换了名称",
    ),
    IssueKind.WEAK_FILL: (
        Severity.NOTE,
        "“{column}”这一列只有 {value} 有值,低于这个来源的要求",
        "请核对导出时是否漏了这一列",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One finding in a received file.

    `row` is the line as a person counts it in the sheet, 0 for the file as a whole; `column` the
    header as received.
    """

    kind: IssueKind
    row: int
    column: str = ""
    value: str = ""

    @property
    def sentence(self) -> Sentence:
        """What is wrong, ready for a language."""
        return Sentence(
            template=self.kind.problem, values={"column": self.column, "value": self.value}
        )
