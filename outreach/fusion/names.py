"""A name into the parts that are compared: core, branch, organisation form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

_NOTE_WORDS = (
    "已停用|停用|停产|注销|已注销|吊销|个体|个体工商户|集群注册|一照多址|筹|筹建|新|旧|暂定|"
    "曾用名[^()]*|原[^()]*|分支机构|非独立核算|社保|工伤|项目部|工伤户|老户|待核实|迁出|临时|重复|核实|"
    "参保[^()]*|一般纳税人|小规模|农民工|劳务派遣"
)
_NOTE = re.compile(rf"\((?:{_NOTE_WORDS})\)")
_DASH_NOTE = re.compile(r"[-_](?:补|新|旧|老|重复|\d)$")
_FORM_IN_BRACKETS = re.compile(r"\((?:普通合伙|有限合伙|特殊普通合伙|个人独资|集团|自然人独资)\)")
_ANY_BRACKETS = re.compile(r"\(([^()]*)\)")
_LAST_BRACKETS = re.compile(r"(?<=.)\(([^()]*)\)$")
_UNION_TAIL = re.compile(
    r"(?:基层)?(?:联合)?工会(?:委员会|联合会|联合委员会|工作委员会|小组|分会|筹备组|筹备委员会)?$"
)
_FORMS = (
    "股份有限责任公司|有限责任公司|股份有限公司|股份合作公司|有限公司|集团公司|总公司|公司|"
    "农民专业合作社联合社|农民专业合作社|专业合作社|合作社"
)
_FORM_TAIL = re.compile(rf"(?:{_FORMS})$")
_BRANCH_TAIL = "分公司|分店|营业部|经营部|门市部|办事处|分厂|分院|分校|分部|分社|店"
_BRANCH = re.compile(
    r"^(?P<parent>.+?(?:公司|集团|合作社|厂|中心|酒店|医院|学校))"
    rf"(?P<branch>(?:[^公司]{{0,14}}?)(?:{_BRANCH_TAIL}|项目部|站|点))$"
)
_BRANCH_IN_BRACKETS = re.compile(rf"[^()]*(?:{_BRANCH_TAIL})")
_PAIRS = (
    "贛赣國国東东業业術术電电華华廣广興兴車车門门農农產产機机製制衛卫環环創创發发貿贸誠诚義义"
    "雲云龍龙鳳凤馬马豐丰聯联達达實实運运輸输藝艺網网絡络訊讯設设計计築筑裝装飾饰飲饮飯饭麵面"
    "藥药學学園园醫医療疗養养護护銀银鐵铁鋼钢鋁铝銅铜礦矿織织紡纺紗纱線线絲丝綠绿紅红藍蓝黃黄"
    "遠远進进連连鎖锁傢家俱具與与專专營营銷销責责號号縣县區区鎮镇鄉乡總总會会員员務务時时陽阳"
    "陳陈張张劉刘楊杨趙赵吳吴鄭郑馮冯蔣蒋韓韩許许鄧邓蕭萧羅罗謝谢蘇苏葉叶餘余盧卢賴赖鍾钟譚谭"
    "賀贺龔龚萬万錢钱嚴严湯汤顧顾孫孙長长寶宝億亿榮荣譽誉順顺勝胜優优歐欧亞亚軒轩齊齐廠厂館馆"
    "樓楼莊庄島岛飛飞鳥鸟魚鱼雞鸡紙纸報报書书畫画靈灵澤泽潤润慶庆錦锦維维聖圣漢汉濱滨濟济爾尔"
    "蘭兰寧宁賽赛貝贝財财頭头頂顶顯显風风飼饲馳驰駿骏點点麗丽繡绣綜综編编練练績绩縱纵權权樹树"
    "橋桥標标樣样氣气渦涡熱热燈灯爐炉燒烧狀状獎奖現现瑩莹畢毕盜盗盤盘眾众礎础禮礼穩稳種种積积"
    "稅税競竞筆笔節节範范簡简糧粮純纯級级紹绍統统繼继續续罰罚職职聰聪臨临舉举舊旧蓋盖處处虛虚"
    "視视覺觉觀观訂订記记評评詞词試试詩诗話话該该語语說说調调諾诺證证識识譯译議议讀读變变讓让"
    "貨货質质購购費费資资賓宾賞赏贈赠趕赶跡迹軍军軟软載载輕轻輛辆輝辉輪轮轉转辦办遊游邁迈郵邮"
    "釋释針针鈴铃鉛铅錄录鍋锅鏡镜鎢钨鑄铸開开間间閣阁關关陸陆際际隊队隨随險险雙双雜杂離离難难"
    "靜静項项須须預预領领題题顏颜願愿類类駐驻驗验體体鮮鲜麥麦齡龄龐庞夥伙偉伟傑杰鵬鹏鴻鸿賢贤"
    "楓枫櫻樱蓮莲瓊琼鳴鸣濤涛淵渊鈞钧銘铭鋒锋鍵键鑰钥鋪铺錶表瀟潇瀾澜灣湾灤滦煙烟煉炼燦灿蕓芸"
    "蘋苹蠶蚕褲裤襪袜觸触託托賦赋輔辅邊边鄰邻釀酿釘钉鈣钙鈦钛鈺钰鉅巨鋰锂鋸锯錫锡鍛锻鏈链鑽钻"
    "駕驾騰腾鯨鲸鴨鸭鵝鹅鷹鹰黨党齒齿"
)
"""Traditional characters that stand in names, each before its simplified one."""
_VARIANTS = {ord(old): new for old, new in zip(_PAIRS[::2], _PAIRS[1::2], strict=True)}

_REGION_SUFFIX = "省市区县州盟旗"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameParts:
    """What is compared of a name.

    core : the name without region, form, notes and union tail.
    branch : what follows the parent's name, with its region removed, or empty.
    form : the form of organisation as written; it is not compared, because offices leave it out.
    """

    core: str
    branch: str
    form: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Regions:
    """The words for the district, its city and province that may stand before a name.

    A new district passes its own; nothing here knows a place.
    """

    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, *names: str) -> Regions:
        """Take full names such as `江西省`; the short forms without 省, 市, 区 are added."""
        words: set[str] = set()
        for name in names:
            if not name:
                continue
            words.add(name)
            if len(name) > 2 and name[-1] in _REGION_SUFFIX:  # noqa: PLR2004
                words.update({name[:-1], f"{name[:-1]}县" if name[-1] == "区" else name})
        return cls(tuple(sorted(words, key=lambda word: (-len(word), word))))


def tidy_name(text: str) -> str:
    """Return the name in one form: NFKC, upper case, simplified, without blanks, quotes, notes."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    folded = re.sub(r"[\s\u200b-\u200f\ufeff\"'“”‘’·・.,。、;:!?*#/\\]+", "", folded)
    folded = re.sub(r"[—–_-]+", "-", folded).translate(_VARIANTS)
    folded = folded.translate(str.maketrans("【】[]〔〕〈〉", "()()()()"))
    tidied = _DASH_NOTE.sub("", _NOTE.sub("", folded)).replace("-", "")
    return tidied if tidied == text else tidy_name(tidied)


def split_name(text: str, regions: Regions) -> NameParts:
    """Take a name apart. The same text always gives the same parts."""
    return _split(text, regions)


@lru_cache(maxsize=200_000)
def _split(text: str, regions: Regions) -> NameParts:
    name = _FORM_IN_BRACKETS.sub("", tidy_name(text))
    name = _ANY_BRACKETS.sub(lambda match: "" if match[1] in regions.words else match[0], name)
    name = _without_notes(strip_union_tail(_without_notes(name)))
    branch = ""
    if (match := _BRANCH.match(name)) and not _FORM_TAIL.fullmatch(match["branch"]):
        name, branch = match["parent"], _strip_regions(match["branch"], regions)
    elif (match := _LAST_BRACKETS.search(name)) is not None:
        name, branch = name[: match.start()], _strip_regions(match[1], regions)
    form = match[0] if (match := _FORM_TAIL.search(name)) else ""
    core = _strip_regions(_FORM_TAIL.sub("", name), regions)
    return NameParts(core=re.sub(r"[()]", "", core) or name, branch=branch, form=form)


def _without_notes(name: str) -> str:
    """Remove what an office wrote in brackets behind a name, unless it names a branch."""
    while (match := _LAST_BRACKETS.search(name)) and not _BRANCH_IN_BRACKETS.fullmatch(match[1]):
        name = name[: match.start()]
    return name


def strip_union_tail(name: str) -> str:
    """Remove what makes an employer's name the name of its union."""
    stripped = _UNION_TAIL.sub("", name)
    return stripped if len(stripped) > 1 else name


def _strip_regions(name: str, regions: Regions) -> str:
    """Remove up to four region words at the front, never the whole name."""
    for _ in range(4):
        word = next(
            (w for w in regions.words if name.startswith(w) and len(name) > len(w) + 1), None
        )
        if word is None:
            return name
        name = name[len(word) :]
    return name
