"""The district's own region words, learned from its addresses."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from outreach.fusion.names import Regions

if TYPE_CHECKING:
    from collections.abc import Iterable

# A county that became a district may keep 县 in its name, hence 县?区.
_HEAD = re.compile(
    r"^(?P<province>[^省市区县镇乡]{2,6}(?:省|自治区))?"
    r"(?P<city>[^省市区县镇乡]{1,6}(?:市|自治州|盟))?"
    r"(?P<county>[^省市区县镇乡路街村号]{1,5}(?:县?区|县|旗))?"
)
_LEAST_SHARE = 0.05
"""A word that heads fewer addresses than this is a stranger, not the district's own region."""


def learn_regions(addresses: Iterable[str], *known: str) -> Regions:
    """Return the region words that head the district's addresses, beside the `known` ones.

    A new district needs no list: nearly all its addresses begin with the same province, city and
    county.
    """
    words: Counter[str] = Counter()
    total = 0
    for address in addresses:
        match = _HEAD.match(unicodedata.normalize("NFKC", address).replace(" ", ""))
        total += 1
        words.update(word for word in (match.groups() if match else ()) if word)
    own = [word for word, count in words.items() if count >= max(2, _LEAST_SHARE * total)]
    return Regions.of(*known, *sorted(own))
