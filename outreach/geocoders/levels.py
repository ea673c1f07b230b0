"""How exact an answer is, by the word with which a map service names its level."""

from __future__ import annotations

from typing import Final

LEVEL_ERROR_M: Final = {
    "门牌号": 50.0,
    "门址": 50.0,
    "兴趣点": 100.0,
    "单元号": 50.0,
    "楼栋号": 50.0,
    "公交站台、地铁站": 200.0,
    "道路交叉路口": 150.0,
    "道路": 500.0,
    "热点商圈": 500.0,
    "村庄": 800.0,
    "开发区": 1500.0,
    "乡镇": 3000.0,
    "地名地址": 300.0,
}
"""Error radius in metres by the level that a provider names (judgement: sizes of such places in a
district; neither provider states a radius). A level that is not listed says too little."""
