from __future__ import annotations

import json

import pytest

from outreach.domain.wording import Sentence


def test_a_sentence_comes_back_from_the_store_as_it_went_in():
    sentence = Sentence(template="{employees} 人", values={"employees": 26})
    assert Sentence.from_json(json.loads(json.dumps(sentence.as_json()))) == sentence


def test_a_received_text_is_never_a_template():
    assert Sentence(template="{name}", values={"name": "{name}{x}"}).in_chinese() == "{name}{x}"


def test_a_stored_sentence_without_values_is_whole():
    assert Sentence.from_json({"template": "没有工会"}).in_chinese() == "没有工会"


def test_values_that_are_no_mapping_are_refused():
    with pytest.raises(TypeError, match="no mapping"):
        Sentence.from_json({"template": "x", "values": [1]})
