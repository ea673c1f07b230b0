"""An empty workbook for each register, so that an office knows what to send.

The words of this module are the content of a Chinese workbook for Chinese offices.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from outreach.services.registers.header_meanings import columns_of
from outreach.sources.specs import spec_of

if TYPE_CHECKING:
    from outreach.domain.sources import Source

_EXPLAINED = {
    "uscc": ("统一社会信用代码,18 位,按文本填写", "91360704MA35F2XH33"),
    "org_code": ("9 位组织机构代码,没有信用代码时填写", "MA35F2XH3"),
    "reg_no": ("15 位注册号,没有信用代码时填写", "360704210012348"),
    "tax_id": ("以前的 15 位税号", "360704MA35F2XH3"),
    "union_uscc": ("工会自己的统一社会信用代码,以 81 开头,不是单位的", ""),
    "si_unit_no": ("社会保险单位编号,按文本填写", "360700123456"),
    "name": ("单位全称,与营业执照或登记证书一致", "赣州示例制造有限公司"),
    "former_name": ("改名前的全称", "赣州示例加工厂"),
    "union_name": ("基层工会的全称", "赣州示例制造有限公司工会委员会"),
    "legal_rep": ("法定代表人或负责人的姓名;不要填证件号", "张三"),
    "union_chair": ("工会主席的姓名;不要填证件号", "李四"),
    "phone": ("单位的联系电话,可以是手机或座机", "0797-1234567"),
    "address": ("登记的地址,写到门牌号", "梅林镇示例路 1 号"),
    "biz_address": ("实际上班的地址,与登记地址不同时填写", "工业园区示例路 2 号"),
    "status": ("目前的状态,只填下面列出的词", ""),
    "est_date": ("成立的日子,写成 2020-06-18", "2020-06-18"),
    "as_of": ("这一行数据说的是哪一天或哪个月", "2026-10"),
    "type": ("登记的类型,照原文填写", "有限责任公司"),
    "industry": ("国民经济行业的代码或名称", "C3561"),
    "headcount": ("人数,整数,不带单位", "52"),
    "headcount_by_type": ("各险种的参保人数,可以分成几列", "52"),
    "members": ("工会会员人数,整数", "48"),
    "longitude": ("经度,十进制度数,导入时说明坐标系", "115.01"),
    "latitude": ("纬度,十进制度数,导入时说明坐标系", "25.86"),
    "township": ("所在的乡镇或街道", "梅林镇"),
    "union_kind": ("单独建会还是联合建会,只填下面列出的词", ""),
    "union_status": ("工会目前的状态,只填下面列出的词", ""),
    "union_flag": ("是否成立工会,只填下面列出的词", ""),
    "union_founded_on": ("成立工会的日子", "2019-05-01"),
}
_OTHER = ("照原文填写", "")


def write_template(source: Source) -> bytes:
    """An empty workbook of a source: its usual headers, and a sheet that explains each of them.

    Raises
    ------
    InvalidInput
        When the source sends no files.
    """
    from openpyxl import Workbook  # lazy: few pages write workbooks
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    spec = spec_of(source)
    choices = columns_of(source)
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    sheet = book.create_sheet("数据")
    sheet.append([choice.usual_header for choice in choices])
    sheet.freeze_panes = "A2"
    explained = book.create_sheet("填写说明")
    explained.append(["列", "含义", "示例", "必填", "可以填的词", "也认得的表头"])
    for place, choice in enumerate(choices, start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(14, 2 * len(choice.usual_header) + 2)
        sheet.column_dimensions[letter].number_format = "@"
        sheet.cell(1, place).font = Font(bold=True)
        meaning, example = _EXPLAINED.get(choice.column, _OTHER)
        required = choice.column in spec.required
        words = spec.words.get(choice.column, ())
        others = [h for h in spec.headers[choice.column][1:] if not h.isascii()]
        explained.append(
            [
                choice.usual_header,
                meaning,
                example or (words[0] if words else ""),
                "是" if required else "",
                "、".join(words),
                "、".join(others),
            ]
        )
    for letter, width in zip("ABCDEF", (24, 44, 32, 8, 44, 60), strict=True):
        explained.column_dimensions[letter].width = width
    for cells in explained.iter_rows():
        for cell in cells:
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=cell.row == 1)
    file = BytesIO()
    book.save(file)
    return file.getvalue()
