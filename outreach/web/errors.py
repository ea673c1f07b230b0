"""One table from what went wrong to a status and a page with a way on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from outreach.errors import Conflict, InvalidInput, NotFound, OutreachError, Refused
from outreach.web import current, texts

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

logger = logging.getLogger(__name__)


class SignInNeeded(OutreachError):
    """Nobody is signed in, or the session ended (web status 401, or the way to the sign-in)."""

    code = "E401"


STATUS = {SignInNeeded: 401, NotFound: 404, Refused: 403, InvalidInput: 422, Conflict: 409}
"""The nearest class in an error's family decides."""

_TITLES = {
    400: "这次提交没有通过检查",
    401: "请先登录",
    403: "这个页面不归这个账号看",
    404: "没有找到",
    405: "这个地址不能这样打开",
    409: "和已有的内容对不上",
    413: "内容太大了",
    422: "填的内容有一处用不了",
    500: "服务器出了错",
}
_WAYS_ON = {
    400: "页面可能放得太久。请返回上一页,刷新后再试一次。",
    401: "登录后会回到刚才的页面。",
    403: "需要的话,请联系管理这个系统的人。",
    404: "请核对地址,或者从首页重新进。",
    405: "请从首页重新进。",
    409: "请刷新后看看现在的情况,再决定怎么做。",
    413: "请把文字写短一些再提交。",
    422: "请返回上一页改好,再试一次。",
    500: "这次没有保存。问题已经记下,请过一会儿再试。",
}


def status_of(error: OutreachError) -> int:
    """The web status of one of our errors."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def wants_json() -> bool:
    """Whether a script of ours asks, not a person."""
    return request.accept_mimetypes.best == "application/json"


def install(app: Flask) -> None:
    """Answer every error with a page in the reader's language."""
    app.register_error_handler(OutreachError, _show_ours)
    app.register_error_handler(HTTPException, _show_http)
    app.register_error_handler(Exception, _show_unknown)


def _show_ours(error: OutreachError) -> ResponseReturnValue:
    if isinstance(error, SignInNeeded) and not wants_json():
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=here), 303)
    return show(error)


def show(error: OutreachError, *, way_back: str = "") -> ResponseReturnValue:
    """One of our errors as a page, with a button to `way_back` where there is a page to go on."""
    return _page(status_of(error), texts.error_text(error), error.code, way_back=way_back)


def _show_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < current.FIRST_ERROR_STATUS:
        return error
    if isinstance(error, CSRFError):
        logger.warning("form refused at %s", request.endpoint)
    return _page(error.code, "", f"E{error.code}")


def _show_unknown(error: Exception) -> ResponseReturnValue:
    logger.error("unexpected error at %s", request.endpoint, exc_info=error)
    return _page(500, "", "E500")


def _page(status: int, message: str, code: str, *, way_back: str = "") -> ResponseReturnValue:
    title = texts.text(_TITLES.get(status, _TITLES[400]))
    if wants_json():
        return jsonify(message=message or title, code=code), status
    way_on = texts.text(_WAYS_ON.get(status, _WAYS_ON[400]))
    page = render_template(
        "error.html",
        title=title,
        message=message,
        way_on=way_on,
        way_back=way_back,
        code=code,
        status=status,
    )
    return page, status
