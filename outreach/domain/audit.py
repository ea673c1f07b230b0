"""What stands in the log, in words: actions and what they were done to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outreach.domain.accounts import Role
from outreach.domain.boards import EditKind, ReplanMode
from outreach.domain.cases import CaseState
from outreach.domain.days import DayChangeKind
from outreach.domain.judgements import Verdict
from outreach.domain.remarks import RemarkVerdict
from outreach.domain.visits import HoldReason, Settlement, VisitResult

if TYPE_CHECKING:
    from enum import StrEnum

SUBJECTS = {
    "account": "账号",
    "api_token": "接口钥匙",
    "attachment": "附件",
    "audit": "操作记录",
    "batch": "导入批次",
    "border_proposal": "调整方案",
    "calendar": "工作日历",
    "case": "诉求",
    "day": "某天的路线",
    "district": "全区",
    "enterprise": "企业",
    "grid": "网格",
    "grid_change": "网格边界",
    "held_visit": "待处理记录",
    "judgement": "归并判断",
    "leave": "请假",
    "record": "原始记录",
    "setting": "设置",
    "source": "数据来源",
    "upload": "上传的文件",
    "visit": "走访",
    "visit_plan": "走访计划",
}
"""What an action was done to; a subject that is not here shows its code."""

ACTIONS = {
    "add_account": "新增账号",
    "add_leave": "登记请假",
    "adopt_borders": "采用调整方案",
    "assess_targets": "重新评定重点对象",
    "bind_phone": "绑定手机",
    "call_api": "用接口取数据",
    "cancel_leave": "撤掉请假",
    "change_day": "调整当天路线",
    "change_password": "改密码",
    "close_account": "停用账号",
    "confirm_upload": "确认导入",
    "copy_plan": "复制计划",
    "correct_visit": "更正走访",
    "delete_plan": "删掉计划草稿",
    "delete_track": "删除巡查轨迹",
    "discard_borders": "不采用调整方案",
    "discard_upload": "丢弃上传的文件",
    "download_changes": "下载变动清单",
    "edit_grids": "改网格边界",
    "edit_plan": "改计划",
    "end_session": "结束一处登录",
    "end_sessions": "结束全部登录",
    "explain_headers": "说明表头含义",
    "export_audit": "导出操作记录",
    "export_dossier": "导出一企一档",
    "export_list": "导出名单",
    "export_map": "导出地图",
    "export_meeting": "导出会议用 PDF",
    "export_track": "导出巡查轨迹",
    "forget_header": "忘掉表头含义",
    "geocode": "解析地址",
    "give_back_workbook": "下载标出问题的表",
    "give_track_consent": "同意记录轨迹",
    "grant_role": "授予角色",
    "hand_in": "上传文件",
    "hand_over": "网格交接",
    "hold_visit": "留下待处理的走访记录",
    "import": "导入文件",
    "import_gazetteer": "导入地名库",
    "import_grid_workers": "导入网格员",
    "import_grids": "导入网格",
    "judge": "归并判断",
    "keep_road_file": "保存路网文件",
    "lend_firm": "请别的网格帮忙走访",
    "link": "归并",
    "make_api_token": "新发接口钥匙",
    "make_binding_code": "发绑定码",
    "make_plan": "排计划",
    "mark_place": "标位置",
    "open_attachment": "看附件",
    "open_dossier": "看一企一档",
    "open_pair": "看一对记录",
    "open_visit": "看走访",
    "propose_account": "申请账号",
    "propose_borders": "算网格边界建议",
    "propose_role": "申请角色",
    "publish_plan": "发布计划",
    "read_audit": "看操作记录",
    "receive_attachment": "收到附件",
    "record_visit": "记录走访",
    "redo_import": "恢复导入",
    "refuse_role": "不授予角色",
    "remark_visit": "审阅走访",
    "remove_own_day": "撤掉本区日子",
    "renew_calendar": "换日历订阅地址",
    "replan_week": "重新排计划",
    "reset_password": "重设密码",
    "restore_attachment": "补回附件",
    "revoke_api_token": "停用接口钥匙",
    "revoke_calendar": "停用日历订阅",
    "search_phone": "按电话查企业",
    "see_remarks": "看审阅意见",
    "set_own_days": "设本区日子",
    "set_setting": "改设置",
    "settle_held_visit": "处理留下的走访记录",
    "show_phone": "看电话号码",
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_out": "退出",
    "step_case": "推进诉求",
    "take_back_judgement": "收回归并判断",
    "take_notice": "采用放假通知",
    "undo_grids": "撤销网格改动",
    "undo_import": "撤销导入",
    "undo_plan_edit": "撤销计划改动",
    "unmark_place": "撤掉位置",
    "withdraw_setting": "撤掉设置",
    "withdraw_track_consent": "不再同意记录轨迹",
    "write_door_note": "写找门说明",
}
"""What was done; an action that is not here shows its code."""

DETAILS = {
    "accounts_closed": "停用账号",
    "action": "做了什么",
    "changed": "变了",
    "changes": "变动",
    "datum": "坐标系",
    "day": "数据日期",
    "employees_over": "超过人数",
    "enterprise_id": "企业编号",
    "enterprises": "企业",
    "firms": "企业",
    "first": "从哪天",
    "found": "找到",
    "from": "原来",
    "grant": "授权编号",
    "grid": "网格编号",
    "grid_id": "网格编号",
    "grids": "网格",
    "handover": "交接编号",
    "header": "表头",
    "key": "标记",
    "kind": "种类",
    "last": "到哪天",
    "lat": "纬度",
    "lines": "给出条数",
    "login": "用户名",
    "lon": "经度",
    "mark": "标记编号",
    "mode": "怎么排",
    "moved": "换了网格的企业",
    "name": "名称",
    "number": "第几步",
    "of": "一共",
    "off": "休息天数",
    "other": "另一条记录",
    "outside": "不在本区",
    "phone": "手机编号",
    "placed": "有了位置",
    "reason": "原因",
    "records": "两条记录",
    "result": "见到谁",
    "revision": "第几次更正",
    "role": "角色",
    "rows": "行数",
    "settlement": "怎么处理",
    "sha256": "文件指纹",
    "stand_in_grid": "代班的网格",
    "state": "进度",
    "stops": "走访几家",
    "subject": "对象",
    "subject_id": "编号",
    "to": "改成",
    "township": "镇街",
    "unknown": "没找到",
    "uuid": "记录号",
    "valid_from": "哪天起",
    "value": "值",
    "verdict": "判断",
    "version": "第几版",
    "was": "原来",
    "week": "哪一周",
    "what": "什么数据",
    "works": "上班",
    "year": "哪一年",
}
"""What stands beside an action; a detail that is not here shows its name."""

_ALWAYS: dict[str, type[StrEnum]] = {
    "mode": ReplanMode,
    "reason": HoldReason,
    "result": VisitResult,
    "role": Role,
    "state": CaseState,
}
_BY_ACTION: dict[tuple[str, str], type[StrEnum]] = {
    ("edit_plan", "kind"): EditKind,
    ("undo_plan_edit", "kind"): EditKind,
    ("judge", "verdict"): Verdict,
    ("take_back_judgement", "verdict"): Verdict,
    ("remark_visit", "verdict"): RemarkVerdict,
    ("change_day", "kind"): DayChangeKind,
    ("settle_held_visit", "settlement"): Settlement,
}


def value_label(action: str, name: str, value: Any) -> str | None:  # noqa: ANN401  JSON
    """The Chinese word for a coded value of an entry's detail; `None` where the value says itself.

    An entry of an earlier release may hold a code that is no longer known: it says itself.
    """
    if isinstance(value, bool):
        return "是" if value else "否"
    if not isinstance(value, str):
        return None
    if name == "action":
        return ACTIONS.get(value)
    if name == "subject":
        return SUBJECTS.get(value)
    codes: Any = _BY_ACTION.get((action, name)) or _ALWAYS.get(name)
    if codes is not None and value in codes.__members__.values():
        return str(codes(value).label)
    return None
