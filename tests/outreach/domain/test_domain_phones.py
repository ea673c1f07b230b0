"""Binding codes, phones in plain words, and how long a session stands."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.accounts import (
    PHONE_SESSION_IDLE,
    PHONE_SESSION_LIFE,
    SESSION_IDLE,
    SESSION_LIFE,
    SessionKind,
    session_stands,
)
from outreach.domain.phones import (
    ALPHABET,
    CODE_LENGTH,
    CODE_LIFE,
    PhoneName,
    clean_code,
    code_stands,
    show_code,
)

NOW = datetime(2026, 11, 24, 1, 40, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def test_a_code_is_long_enough_and_no_sign_looks_like_another():
    assert CODE_LENGTH >= 8
    assert CODE_LENGTH * math.log2(len(ALPHABET)) >= 40
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert set("0O1IL").isdisjoint(ALPHABET)


@given(st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_shown_code_is_read_back(code):
    assert clean_code(show_code(code)) == code
    assert clean_code(f" {show_code(code).lower()} ") == code


def test_a_code_typed_in_full_width_is_understood():
    assert clean_code("\uff21BCDE - FGHJK") == "ABCDEFGHJK"


@given(st.text(max_size=200))
def test_any_text_is_a_code_or_nothing(text):
    assert len(clean_code(text)) in {0, CODE_LENGTH}


@pytest.mark.parametrize("text", ["", "ABCDEFGHJ", "ABCDEFGHJKM", "ABCDEFGH0K", "ABCDE'FGHJ\x00"])
def test_what_cannot_be_a_code_is_nothing(text):
    assert clean_code(text) == ""


def test_a_code_works_to_its_last_moment_once():
    assert code_stands(NOW, None, now=NOW + CODE_LIFE)
    assert not code_stands(NOW, None, now=NOW + CODE_LIFE + TICK)
    assert not code_stands(NOW, NOW, now=NOW)
    assert timedelta(minutes=10) == CODE_LIFE


@pytest.mark.parametrize(
    ("kind", "idle", "life"),
    [
        (SessionKind.DESK, SESSION_IDLE, SESSION_LIFE),
        (SessionKind.PHONE, PHONE_SESSION_IDLE, PHONE_SESSION_LIFE),
    ],
)
def test_a_session_stands_to_its_last_moment(kind, idle, life):
    def stands(unused, old):
        return session_stands(kind, started_at=NOW - old, seen_at=NOW - unused, now=NOW)

    assert stands(idle, idle)
    assert not stands(idle + TICK, idle + TICK)
    assert stands(timedelta(), life)
    assert not stands(timedelta(), life + TICK)


def test_a_tied_phone_stays_signed_in_for_sixty_days_unused_and_half_a_year_in_all():
    assert timedelta(days=60) == PHONE_SESSION_IDLE
    assert timedelta(days=180) == PHONE_SESSION_LIFE


WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; V2301A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0 Mobile Safari/537.36 XWEB/1160 MMWEBSDK/2024 MicroMessenger/8.0.50 WeChat/arm64"
)
WECOM = f"{WECHAT} wxwork/4.1.22"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 "
    "Mobile/15E148 Safari/604.1"
)
HARMONY = "Mozilla/5.0 (Linux; Android 12; HarmonyOS; ALN-AL00) AppleWebKit/537.36 Mobile"
DINGTALK = "Mozilla/5.0 (Linux; U; Android 13) AliApp(DingTalk/7.5.20)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (WECHAT, "安卓手机·微信"),
        (WECOM, "安卓手机·企业微信"),
        (IPHONE, "苹果手机·浏览器"),
        (HARMONY, "鸿蒙手机·浏览器"),
        (DINGTALK, "安卓手机·钉钉"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64)", "电脑·浏览器"),
        ("", "其他设备·浏览器"),
        ("<script>alert(1)</script>", "其他设备·浏览器"),
    ],
)
def test_a_phone_is_named_in_plain_words(agent, words):
    name = PhoneName.of(agent)
    assert f"{name.system.label}·{name.browser.label}" == words
    assert PhoneName.read(name.store()) == name


@pytest.mark.parametrize("stored", ["", "android", "wechat android", "android nothing"])
def test_a_session_without_a_name_has_none(stored):
    assert PhoneName.read(stored) is None
