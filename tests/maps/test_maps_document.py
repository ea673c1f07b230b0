"""The page around a map: policy, self-containment, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from maps import document as page_of
from maps.assets import Assets
from maps.document import Page, document, require_own_addresses
from maps.errors import ForeignAssetError
from maps.safe_text import SafeHtml, safe_text

LINKED = Assets.linked("/assets")


def page(body: str = '<div id="m"></div>', script: str = "start();", title: str = "图") -> Page:
    return Page(
        language="zh-CN",
        title=title,
        body=SafeHtml(body),
        legend=safe_text("图例"),
        script=script,
    )


@pytest.mark.parametrize("assets", [LINKED, Assets.inline()])
def test_the_policy_names_every_script_and_style_and_nothing_from_elsewhere(assets) -> None:
    made = document(page(), assets)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', made)[1]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith("default-src 'none'; ")
    assert ("'self'" in policy) is (assets is LINKED)
    for code in re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", made, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_an_inline_page_loads_nothing_and_a_linked_one_two_files() -> None:
    loading = r"<(?:script|link)[^>]*(?:src|href)=\"([^\"]*)"
    assert re.findall(loading, document(page(), Assets.inline())) == []
    assert set(re.findall(loading, document(page(), LINKED))) == LINKED.allowed


def test_the_end_of_a_script_inside_of_a_script_does_not_end_it(monkeypatch) -> None:
    hostile = 'var a = "</script><script>", b = "<!--";\n//# sourceMappingURL=x.map'
    monkeypatch.setattr(page_of, "read_asset", lambda name: hostile if name.endswith(".js") else "")
    made = document(page(), Assets.inline())
    assert r'var a = "<\/script><script>", b = "<\!--";' in made
    assert "sourceMappingURL" not in made
    assert made.count("</script>") == 2


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://elsewhere.example/x.js"></script>',
        "<img src=/assets/pixel.png>",
        '<link rel="stylesheet" href="//elsewhere.example/x.css">',
        '<IFRAME width=1 SRC="x.html"></IFRAME>',
        '<object data="x.swf"></object>',
    ],
)
@pytest.mark.parametrize("assets", [LINKED, Assets.inline()])
def test_an_element_that_would_load_another_file_is_refused(element: str, assets) -> None:
    with pytest.raises(ForeignAssetError, match="vendor the file or leave it out"):
        document(page(body=element), assets)


def test_a_name_that_looks_like_an_address_is_no_reason_to_refuse() -> None:
    name = safe_text('<script src="https://elsewhere.example/x.js">')
    require_own_addresses(f"<b>{name}</b>", LINKED)
    assert "&#60;script" in document(page(title='<script src="https://elsewhere.example">'), LINKED)
