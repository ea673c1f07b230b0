"""Tying a phone to an account: the one-time code, and the phone in plain words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that nobody takes for another: no 0 and O, no 1, I and L, no U beside V."""

CODE_LENGTH = 10
"""Ten of thirty signs are 49 bits: out of reach of guessing within the ten minutes."""

CODE_LIFE = timedelta(minutes=10)
"""From ASVS 5 (6.5.5): a code for another device lives ten minutes at most."""

MOST_TRIES = 20
"""Wrong codes from one address within `TRY_WINDOW`; a whole office may sit behind one address."""

TRY_WINDOW = timedelta(minutes=10)

_GROUP = 5


def clean_code(typed: str) -> str:
    """What was meant by a typed code: capitals, half width, without spaces and dashes.

    Empty when it cannot be a code, so that such a text never reaches the database.
    """
    plain = unicodedata.normalize("NFKC", typed[:64]).upper()
    code = "".join(sign for sign in plain if sign.isalnum())
    fits = len(code) == CODE_LENGTH and set(code) <= set(ALPHABET)
    return code if fits else ""


def show_code(code: str) -> str:
    """A code in two groups, as people read and type it."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def code_stands(made_at: datetime, used_at: datetime | None, *, now: datetime) -> bool:
    """Whether a code may still be used; the last moment counts."""
    return used_at is None and now - made_at <= CODE_LIFE


class PhoneSystem(StrEnum):
    """What kind of machine a browser runs on."""

    ANDROID = "android"
    HARMONY = "harmony"
    IPHONE = "iphone"
    IPAD = "ipad"
    COMPUTER = "computer"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "android": "安卓手机",
            "harmony": "鸿蒙手机",
            "iphone": "苹果手机",
            "ipad": "苹果平板",
            "computer": "电脑",
            "other": "其他设备",
        }[self.value]


class PhoneBrowser(StrEnum):
    """The program that shows the pages."""

    WECHAT = "wechat"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    BROWSER = "browser"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "wechat": "微信",
            "wecom": "企业微信",
            "dingtalk": "钉钉",
            "browser": "浏览器",
        }[self.value]


_SYSTEMS = (
    ("openharmony", PhoneSystem.HARMONY),
    ("harmonyos", PhoneSystem.HARMONY),
    ("ipad", PhoneSystem.IPAD),
    ("iphone", PhoneSystem.IPHONE),
    ("android", PhoneSystem.ANDROID),
    ("windows", PhoneSystem.COMPUTER),
    ("macintosh", PhoneSystem.COMPUTER),
    ("x11", PhoneSystem.COMPUTER),
)
_BROWSERS = (
    ("wxwork", PhoneBrowser.WECOM),
    ("micromessenger", PhoneBrowser.WECHAT),
    ("dingtalk", PhoneBrowser.DINGTALK),
)
"""The first word found decides: WeCom names WeChat too, HarmonyOS names Android."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneName:
    """A phone as its owner knows it again; deliberately no model, number or version."""

    system: PhoneSystem
    browser: PhoneBrowser

    @classmethod
    def of(cls, user_agent: str) -> PhoneName:
        """Read the browser's own name; an unknown one is "other"."""
        said = user_agent.casefold()
        system = next((kind for word, kind in _SYSTEMS if word in said), PhoneSystem.OTHER)
        browser = next((kind for word, kind in _BROWSERS if word in said), PhoneBrowser.BROWSER)
        return cls(system=system, browser=browser)

    @classmethod
    def read(cls, stored: str) -> PhoneName | None:
        """Read back what `store` gave; `None` for a session without a name."""
        system, _, browser = stored.partition(" ")
        if system not in set(PhoneSystem) or browser not in set(PhoneBrowser):
            return None
        return cls(system=PhoneSystem(system), browser=PhoneBrowser(browser))

    def store(self) -> str:
        """The form in which it is kept with the session."""
        return f"{self.system.value} {self.browser.value}"
