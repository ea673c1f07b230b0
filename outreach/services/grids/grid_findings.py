"""What is wrong with a set of grids, in the application's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from maps.grids import Finding

_FINDINGS = {
    "duplicate_code": "网格编码 {codes} 重复",
    "invalid_geometry": "网格 {codes} 的边界自相交,已修补,请核对",
    "no_area": "网格 {codes} 没有面积,请重画",
    "overlap": "网格 {codes} 重叠 {area} 平方米,重叠处归编码小的网格,请核对边界",
    "gap": "网格 {codes} 之间有 {area} 平方米的空隙,落在那里的企业没有网格,请核对边界",
}


def finding_sentence(finding: Finding) -> Sentence:
    """A finding in the application's words."""
    return Sentence(
        template=_FINDINGS[finding.kind.value],
        values={"codes": "、".join(finding.codes), "area": f"{finding.area_m2 or 0:,.0f}"},
    )
