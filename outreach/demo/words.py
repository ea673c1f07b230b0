"""Word lists from which every made-up name of the demo district is built.

All lists were written for this project. Townships, brands and people that carry these names are
invented; a likeness to a real one is chance.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PROVINCES = ("岭澜", "澄岳", "云麓", "沧湄")
CITIES = ("云岫", "澜陂", "岚堰", "松霁", "栎川")
DISTRICTS = ("青禾", "栖枫", "霁原", "汀栎", "望稔", "芷川", "麦屿")

TOWNS = _words(
    "栖禾 望岫 竹汀 云陂 柏渡 松堰 荻港 霁桥 芦埠 槐塬 梅涧 鹤湾 石棱 桐峪 枫沱 岚头 麦坪 "
    "藕塘 柿岭 杉坳 苇溪 稻垄 樟荫 雁洄 砚池 铜锣坑 棠梨 笋坞 鹭沙 茭湖 榉林 丹岫 菱角 漆树坪 "
    "糍坑 炉下 箬阳 晒谷 长亭岭 青石垅"
)
"""Given part of township names; 镇 or 乡 is added."""

VILLAGE_HEADS = _words("上 下 东 新 大 小 高 石 白 黄 竹 枫 荷 樟 桃 龙 鹅 井 坝 油 塔 柳 沙 茶")
VILLAGE_TAILS = _words("坑 塘 坪 岭 湾 陂 屋 畈 坳 洲 垅 桥 冲 嶂 塅 源 垄 渡 排 田 祠 寨")
VILLAGE_GROUPS = _words("新屋组 老屋组 圩上组 坝上组 桥头组 祠背组")

STREETS = _words(
    "稻香路 启明路 荷风路 织锦路 麦浪路 枫林路 松风路 听泉路 学府路 商贸路 明德路 仁和路 "
    "朝阳路 安康路 惠民路 望江路 临湖路 古樟路 新圩路 迎宾路 青石街 横街 米市街 竹器街 老圩街 "
    "东门街 西门街 振业大道 创新大道 迎禾大道 滨河大道 环城大道 人和大道 产业大道 新城大道"
)
BUILDINGS = _words(
    "禾悦广场 银穗大厦 云锦商城 天禾国际 丰和家园 万穗城 金谷大厦 临江苑 水岸名都 德馨楼 "
    "汇禾中心 世锦豪庭 新禾商务楼 稻花公馆 青云阁 星汇城 和顺家园 嘉穗商厦 锦绣里 荷塘月苑 "
    "龙腾商贸城 建材大市场 禾丰农贸市场 创客大厦"
)
PARKS = _words(
    "青穗产业园 东岭工业园 南陂工业小区 电商孵化园 返乡创业园 稀材产业园 食品产业园 "
    "轻纺产业园 现代物流园 北坪工业园 农产品加工园 智造谷"
)
PARK_STREETS = _words(
    "兴工一路 兴工二路 兴工三路 纬一路 纬二路 经一路 经二路 创业路 科技路 园中路 工匠路 同心路"
)
UNLISTED_PLACES = _words(
    "幸福里小区 老粮站 供销社旧址 三号桥头 新汽车站 旧木材厂 公路段院内 水电站旁"
)
"""Places that people write in addresses but that no gazetteer of the district lists."""

VAGUE_ADDRESSES = _words("见备注 无固定经营场所 网络经营 流动经营 同上 城区")

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔"
)
GIVEN = tuple(
    "伟芳娜敏静秀英丽强磊洋艳勇军杰娟涛明超兰霞平刚桂玲华红建文辉力飞鹏海燕波斌宇浩凯健俊帆帅旭宁龙林欢"
    "阳婷雪慧倩颖琳晶莹洁梅莉春菊凤莲荣爱妹香月珍贞国庆生福贵根水金木土火泉祥禄寿喜财发旺盛昌茂松柏青"
    "志仁义礼智信孝忠良善德才学诗书画琴棋云雨晨曦子涵梓轩"
)
BRAND = tuple(
    "禾穗稻麦粟谷青蓝橙紫墨朗晴霁岚岳峰岭川泽澜汐汀渡桥舟帆航程途驰骏骐鸿雁鹤鹭翎羽翔腾跃起升恒久永长"
    "盛隆昌茂丰裕富达通顺利安康宁泰和谐同众合聚汇集联邦友诚信义德仁厚朴实拓创新锐智慧思睿博雅文翰墨源泉"
    "润沐沁芯芸芷若兰蕙桐梓楠柏松杉森林木石岩磐鼎鑫铭钰锦绣彩虹星辰晟昊昱昕曦旭晓明辉耀光亮启元初始"
)
"""Syllables of invented trade names; two or three of them make one."""

HOMOPHONES = {
    group[0]: group[1:]
    for group in _words(
        "限线现闲根 司思寺士 公工供 有友又 贸贺茂 易异益 技枝支 科料课 农弄依 业亚叶 服付伏 "
        "饰饬士 装妆庄 商尚墒 建健件 材才村 管官营 理里李 物勿务 流留琉 合和盒 和合禾 达大哒 "
        "丰风封 鑫金馨 源原沅 安按岸 店点甸 厂广场 超越抄 市巿士 餐参歺 馆官管 运远芸 信倍讯 "
        "德得 昌晶倡 盛胜晟 隆龙 康唐廉 兴兰新 "
    )
}
"""Each character with those that clerks type in its place: same sound or near shape."""

TRADITIONAL = {
    ord(pair[0]): pair[1]
    for pair in _words(
        "业業 东東 丽麗 书書 云雲 众眾 优優 会會 传傳 华華 协協 卢盧 厂廠 发發 号號 国國 "
        "园園 图圖 场場 坛壇 报報 广廣 应應 开開 张張 态態 总總 惠惠 户戶 扬揚 护護 换換 "
        "据據 损損 数數 时時 机機 权權 杰傑 构構 样樣 档檔 检檢 汇匯 泽澤 济濟 润潤 渔漁 "
        "湾灣 源源 灵靈 灯燈 点點 爱愛 现現 环環 电電 画畫 盖蓋 硕碩 种種 筑築 简簡 粮糧 "
        "红紅 约約 级級 纪紀 纸紙 线線 组組 经經 络絡 绣繡 维維 缘緣 网網 罗羅 联聯 胜勝 "
        "脑腦 节節 艺藝 苏蘇 药藥 荣榮 蓝藍 装裝 见見 规規 视視 观觀 览覽 计計 让讓 设設 "
        "证證 话話 诚誠 语語 贝貝 财財 货貨 质質 购購 贸貿 费費 资資 车車 轩軒 轮輪 软軟 "
        "轻輕 辆輛 达達 运運 进進 远遠 选選 邮郵 钢鋼 铁鐵 铝鋁 银銀 锐銳 锦錦 键鍵 长長 "
        "门門 问問 间間 闻聞 阳陽 险險 隆隆 风風 飞飛 饭飯 饮飲 馆館 馨馨 马馬 驰馳 验驗 "
        "鱼魚 鲜鮮 鸟鳥 鸿鴻 鹏鵬 麦麥 黄黃 龙龍 农農 专專 务務 饰飾 劳勞 办辦 营營 区區 "
        "县縣 乡鄉 镇鎮 岭嶺 坝壩 冲沖 养養 骏駿 骐騏 鹤鶴 鹭鷺 晓曉 兴興 处處 术術 动動 "
        "绿綠 库庫 树樹 涧澗 岚嵐 岳嶽 谷穀 钰鈺 铭銘 兰蘭 芦蘆 霁霽 栎櫟 腾騰 跃躍 创創 "
        "颖穎 净淨 洁潔 陆陸 宝寶 团團 岗崗 厅廳 边邊 旧舊 属屬 产產 员員 钧鈞 气氣 无無"
    )
}
"""Simplified to traditional, for the characters that the demo's names use."""

NOTES = _words(
    "（个体） （筹） （停产） （新） （已注销） （农民工） （一般纳税人） (新) (个体) -补 *"
)
"""Notes that clerks add behind a name."""

ACCOUNT_NOTES = ("（劳务派遣）", "(工伤)", "（{}项目部）")
"""Marks of a second social-insurance account of one employer."""

UNION_SUFFIXES = ("工会委员会", "工会", "基层工会委员会", "工会联合会", "联合工会")
UNION_SUFFIX_WEIGHTS = (36, 24, 20, 15, 5)

JOINT_UNION_TAILS = _words("联合工会 联合工会委员会 商圈联合工会 小微企业联合工会委员会")

PHONE_PREFIXES = ("154", "164", "168", "169", "179")
"""Look like mobile numbers; no operator used these ranges for people when this was written."""
