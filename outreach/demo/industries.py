"""What firms of the demo district do, what they call it, where they sit and how big they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Site(StrEnum):
    """Where a firm sits."""

    STREET = "street"
    BUILDING = "building"
    PARK = "park"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """One line of trade.

    Attributes
    ----------
    section
        Letter of GB/T 4754-2017.
    trades
        Words of which one ends the firm's name (before the form of organisation).
    weight
        Share among its kind, not normed.
    size
        Factor on the least headcount; 1 for an average trade.
    """

    section: str
    trades: tuple[str, ...]
    weight: float
    site: Site
    size: float


def _industry(section: str, trades: str, weight: float, site: Site, size: float) -> Industry:
    return Industry(
        section=section, trades=tuple(trades.split()), weight=weight, site=site, size=size
    )


COMPANIES = (
    _industry("C", "家具 服饰 制衣 鞋业 玩具 电子 光电科技", 13, Site.PARK, 1.7),
    _industry("C", "食品 五金 机械设备 塑料制品 包装 木业 纸业 新材料 建材", 13, Site.PARK, 1.4),
    _industry("B", "矿业 石材 砂石", 1, Site.VILLAGE, 1.4),
    _industry("D", "能源 电力 供水", 1, Site.BUILDING, 1.3),
    _industry("E", "建筑工程 建设工程 市政工程 装饰工程 电力工程 园林绿化", 11, Site.BUILDING, 1.4),
    _industry("F", "商贸 贸易 医药 汽车销售 建筑材料 供应链管理 电器", 18, Site.STREET, 0.7),
    _industry("G", "物流 运输 快递 仓储服务", 6, Site.PARK, 1.2),
    _industry("H", "餐饮管理 酒店管理 酒店 餐饮服务", 5, Site.STREET, 1.2),
    _industry("I", "信息技术 网络科技 软件 信息科技", 6, Site.BUILDING, 0.8),
    _industry("K", "房地产开发 物业管理 物业服务 置业", 5, Site.BUILDING, 1.2),
    _industry("L", "人力资源 劳务 企业管理 广告 财务咨询 保安服务 咨询服务", 8, Site.BUILDING, 1.0),
    _industry("M", "科技 环保科技 工程设计", 7, Site.BUILDING, 0.7),
    _industry("O", "汽车服务 家政服务 清洁服务", 3, Site.STREET, 0.9),
    _industry("P", "教育咨询 教育科技", 2, Site.BUILDING, 0.9),
    _industry("Q", "健康管理 医疗器械 口腔门诊部", 2, Site.STREET, 1.0),
    _industry("R", "文化传媒 旅游 体育文化", 4, Site.BUILDING, 0.7),
    _industry("A", "农业发展 农业开发 生态农业 种养 果业 养殖 茶业", 8, Site.VILLAGE, 0.8),
)
FACTORIES = (
    _industry(
        "C",
        "家具厂 制衣厂 电子厂 五金厂 塑料厂 木业厂 砖厂 食品厂 机械厂 竹器厂",
        1,
        Site.PARK,
        1.3,
    ),
)
PARTNERSHIPS = (
    _industry(
        "L", "企业管理中心 投资中心 咨询中心 会计师事务所 税务师事务所", 1, Site.BUILDING, 0.6
    ),
)
SOLE_PROPRIETORS = (
    _industry("H", "小吃店 餐馆 早餐店 奶茶店 农家菜馆 宾馆", 30, Site.STREET, 1.0),
    _industry(
        "F", "超市 便利店 服装店 水果店 五金店 手机店 烟酒店 药店 文具店", 34, Site.STREET, 0.9
    ),
    _industry("F", "建材经营部 农资经营部 饲料经营部 家电经营部", 10, Site.STREET, 0.9),
    _industry("O", "理发店 美容院 汽车修理厂 洗车行 裁缝店", 12, Site.STREET, 0.9),
    _industry("G", "快递服务部 货运服务部", 3, Site.STREET, 1.3),
    _industry("R", "网吧 台球厅 健身房", 2, Site.STREET, 1.0),
    _industry("A", "养殖场 家庭农场 种植园", 8, Site.VILLAGE, 1.0),
    _industry("C", "木材加工厂 豆制品坊 米粉厂", 4, Site.VILLAGE, 1.3),
)
COOPERATIVES = (
    _industry("A", "果业 种植 养殖 油茶 茶叶 蔬菜 水稻 蜂业", 1, Site.VILLAGE, 0.9),
)  # fmt: skip
PRIVATE_UNITS = (
    _industry("P", "幼儿园 实验学校 职业培训学校 艺术培训中心", 7, Site.STREET, 1.8),
    _industry("Q", "养老服务中心 社会工作服务中心 康复医院 门诊部", 5, Site.STREET, 1.8),
)
ASSOCIATIONS = (_industry("S", "商会 行业协会 志愿者协会 同乡会", 1, Site.BUILDING, 0.6),)
