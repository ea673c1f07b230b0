from __future__ import annotations

import pytest


def test_a_text_has_an_address_of_its_own_and_a_number_never(site):
    visitor = site.visitor("district")
    by_text = visitor.post("/search", q="甲贸易")
    assert by_text.status_code == 303
    assert by_text.location.startswith("/search?q=")
    assert "甲贸易有限公司" in visitor.get(by_text.location).text
    by_number = visitor.post("/search", q="138 0013 8000")
    assert by_number.status_code == 200
    assert "甲贸易有限公司" in by_number.text
    assert "乙贸易有限公司" not in by_number.text
    assert len(site.audit("search_phone")) == 1


def test_a_number_in_an_address_finds_nobody_and_is_not_audited_as_a_search(site):
    page = site.visitor("district").get("/search?q=13800138000").text
    assert "甲贸易有限公司" not in page
    assert site.audit("search_phone") == []


def test_the_field_asks_for_two_characters_and_keeps_what_was_typed(sqlite_site):
    visitor = sqlite_site.visitor("district")
    page = visitor.get("/search?q=甲").text
    assert "至少写两个字" in page
    assert 'value="甲"' in page
    assert "没有找到“没有这家”" in visitor.get("/search?q=没有这家").text


@pytest.mark.parametrize("text", ["<img src=x", "%", "'; drop", "\\", "啊" * 500])
def test_whatever_is_typed_is_shown_as_text(sqlite_site, text):
    page = sqlite_site.visitor("district").get("/search", query_string={"q": text})
    assert page.status_code == 200
    assert "<img src=x" not in page.text


def test_a_neighbour_finds_no_firm_of_another_grid(site):
    page = site.visitor("neighbour").get("/search?q=甲贸易").text
    assert "没有找到" in page
    assert "子机械厂" in site.visitor("neighbour").get("/search?q=机械").text
