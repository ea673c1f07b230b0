from __future__ import annotations

from outreach.fusion.regions import learn_regions


def test_the_words_that_head_the_addresses_are_learnt_with_their_short_forms():
    regions = learn_regions(["云岭省清江市东风区白塔镇幸福路1号", "清江市东风区红桥镇"] * 5)
    assert set(regions.words) == {"云岭省", "云岭", "清江市", "清江", "东风区", "东风", "东风县"}


def test_a_district_that_was_a_county_keeps_its_whole_name():
    """赤县区 holds both words: reading 赤县 would leave 区 at the front of every name."""
    regions = learn_regions(["云岭省清江市赤县区白塔镇1号"] * 5)
    assert "赤县区" in regions.words
    assert "赤县" in regions.words


def test_width_and_blanks_do_not_matter():
    assert "清江市" in learn_regions(["云岭省 清江市　东风区1号"] * 3).words


def test_a_word_that_heads_one_address_in_twenty_counts_and_a_rarer_one_does_not():
    own = ["清江市东风区白塔镇"] * 38
    assert "北江市" in learn_regions([*own, "北江市西山区", "北江市西山区"]).words
    assert "北江市" not in learn_regions([*own * 2, "北江市西山区", "北江市西山区"]).words


def test_known_words_need_no_address():
    assert learn_regions([], "清江市").words == ("清江市", "清江")


def test_townships_roads_and_villages_are_no_regions():
    words = learn_regions(["白塔镇幸福路1号", "红桥乡新村2号", "幸福路3号"] * 4).words
    assert words == ()
