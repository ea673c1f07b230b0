"""Which records speak of the same enterprise: the one door of linking and of Splink.

First exact identifiers with check digits, strongest first; then Splink compares name, branch,
persons, phone and place of what has no credit code. Two different valid credit codes never meet in
one enterprise, also not indirectly. A joint union covers many enterprises and is never a reason to
merge them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from outreach.domain.issues import IssueKind
from outreach.fusion.clustering import ComparedPair, Verdicts, join_best_first
from outreach.fusion.comparable import (
    Comparable,
    Described,
    Examples,
    Keys,
    frequencies,
    list_comparables,
    list_examples,
    list_keys,
)
from outreach.fusion.comparisons import Model, load_model, splink_comparisons
from outreach.fusion.crosswalk import Crosswalk, link_by_identifiers
from outreach.fusion.doubts import list_doubtful
from outreach.fusion.links import Doubt, Finding, Link, Linkage, LinkRule, RecordLink
from outreach.fusion.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    from outreach.domain.judgements import JudgedPair

__all__ = ["Doubt", "Link", "LinkRule", "Linkage", "Profile", "link_records"]

_THREADS = 2
"""Fixed, so that a district is linked alike on every machine."""

_Learned = dict[tuple[str, int], dict[str, float]]
"""Comparison and place of the level -> the district's own m and u."""


def link_records(
    profiles: Iterable[Profile],
    model: Model | None = None,
    judgements: Iterable[JudgedPair] = (),
) -> Linkage:
    """Group records into enterprises. The order of `profiles` does not matter.

    What people judged stands above everything: "same" joins first and alone may bring two credit
    codes together, "different" keeps two records apart on every way.
    """
    model = model or load_model()
    found = link_by_identifiers(profiles, judgements)
    pairs = _compare(found, model)
    verdicts = join_best_first(found.clusters, pairs, model.decision)
    _note_verdicts(found, verdicts)
    return found.result(list_doubtful(found, verdicts, model.decision))


def _note_verdicts(found: Crosswalk, verdicts: Verdicts) -> None:
    """Keep why records joined, and ask people about the rest."""
    names = {p.record_id: p.names[0].core for p in found.profiles if p.names}
    for pair in verdicts.in_order:
        found.joined.append(
            RecordLink(
                left=pair.left,
                right=pair.right,
                rule=LinkRule.NAME_TOWNSHIP if _same_name_and_town(pair) else LinkRule.COMPARED,
                evidence=pair.evidence,
                weight=pair.weight,
                findings=pair.findings,
            )
        )
    for pair, _reason in verdicts.doubtful:
        for record in (pair.left, pair.right):
            found.doubt([record], IssueKind.AMBIGUOUS_MATCH, names.get(record, ""))


_SAME_NAME = "名称核心相同"
_NAME_AND_TOWN = ({_SAME_NAME}, {"地址相同", "同镇街、地址不全"})


def _same_name_and_town(pair: ComparedPair) -> bool:
    """Whether the plainest of reasons holds, which needs no weights to be understood."""
    labels = {finding.label for finding in pair.findings}
    return all(labels & wanted for wanted in _NAME_AND_TOWN)


def _compare(found: Crosswalk, model: Model) -> list[ComparedPair]:
    """Compare with Splink whatever may belong together and is not both known by its code."""
    rows = list_comparables(found.profiles, found.clusters)
    if all(row.coded for row in rows):
        return []
    import duckdb
    from splink.backends.duckdb import DuckDBAPI  # lazy: start-up time

    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect(":memory:", config={"threads": _THREADS}) as connection:
        engine = DuckDBAPI(connection)
        training = model.training
        examples = list_examples(
            found.profiles, rows, groups=training.groups, strangers=training.records
        )
        learned = _learn(engine, examples, model)
        linker = _linker(engine, rows, model, learned)
        return _read_pairs(connection, linker, model)


def _learn(engine: DuckDBAPI, examples: Examples, model: Model) -> _Learned:
    """The district's own weights; what it is too small to tell is not in the result."""
    if len({code for code, _ in examples.same}) < model.training.least_groups:
        return {}
    same = [(number, code, *row) for number, (code, row) in enumerate(examples.same)]
    strangers = [(number, *row) for number, row in enumerate(examples.strangers)]
    of_same = _teacher(engine, "same", same, ("unique_id", "label", *Described._fields), model)
    of_same.training.estimate_m_from_label_column("label")
    of_strangers = _teacher(
        engine, "strangers", strangers, ("unique_id", *Described._fields), model
    )
    of_strangers.training.estimate_u_using_random_sampling(
        max_pairs=len(strangers) ** 2, seed=model.training.seed, min_count_per_level=None
    )
    learned: _Learned = {}
    for share, teacher in (("m_probability", of_same), ("u_probability", of_strangers)):
        for comparison in teacher.misc.save_model_to_json()["comparisons"]:
            for place, level in enumerate(comparison["comparison_levels"]):
                if share in level and not level.get("fix_m_probability"):
                    key = (comparison["output_column_name"], place)
                    learned.setdefault(key, {})[share] = level[share]
    return learned


def _teacher(
    engine: DuckDBAPI,
    table: str,
    rows: Sequence[tuple[object, ...]],
    columns: tuple[str, ...],
    model: Model,
) -> Linker:
    import pandas as pd
    from splink import Linker, SettingsCreator

    settings = SettingsCreator(
        link_type="dedupe_only", comparisons=[*splink_comparisons(model, frequencies=False)]
    )
    frame = engine.register(pd.DataFrame(rows, columns=list(columns)), table_name=table)
    return Linker(frame, settings, log_level=logging.ERROR)


def _linker(engine: DuckDBAPI, rows: list[Comparable], model: Model, learned: _Learned) -> Linker:
    """Make the linker of the whole district: rows, keys, weights, frequencies."""
    import pandas as pd
    from splink import Linker, SettingsCreator
    from splink.blocking_rule_library import CustomRule

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*splink_comparisons(model, learned)],
        blocking_rules_to_generate_predictions=[
            CustomRule(f"l.{key} = r.{key} AND l.cluster <> r.cluster AND l.coded + r.coded < 2")
            for key in Keys._fields
        ],
        probability_two_random_records_match=model.prior(len(rows)),
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=["record", "cluster"],
    )
    keys = list_keys(rows, model.block_cap)
    frame = pd.DataFrame(
        [
            (number, row.record, row.cluster, int(row.coded), *row.described, *key)
            for number, (row, key) in enumerate(zip(rows, keys, strict=True))
        ],
        columns=["unique_id", "record", "cluster", "coded", *Described._fields, *Keys._fields],
    )
    linker = Linker(
        engine.register(frame, table_name="described"), settings, log_level=logging.ERROR
    )
    for column in model.frequency_columns:
        table = pd.DataFrame(
            frequencies(rows, column, model.least_size), columns=[column, f"tf_{column}"]
        )
        lookup = engine.register(table, table_name=f"shares_of_{column}")
        linker.table_management.register_term_frequency_lookup(lookup, column)
    return linker


_BEST_PAIRS = """
SELECT record_l, record_r, round(match_weight, 6) AS weight, {found}
FROM {table}
WHERE {allowed}
QUALIFY row_number() OVER (
    PARTITION BY least(cluster_l, cluster_r), greatest(cluster_l, cluster_r)
    ORDER BY weight DESC, least(record_l, record_r), greatest(record_l, record_r), {order}
) = 1
"""


def _read_pairs(
    connection: duckdb.DuckDBPyConnection, linker: Linker, model: Model
) -> list[ComparedPair]:
    """Score, and take the best pair of each two clusters with its reasons."""
    scored = linker.inference.predict(
        threshold_match_weight=model.decision.doubt, warning_mode="never"
    )
    names = [comparison.name for comparison in model.comparisons]
    query = _BEST_PAIRS.format(
        table=scored.physical_name,
        found=", ".join(
            f"gamma_{name}, round(mw_{name}{_frequency_weight(model, name)}, 2)" for name in names
        ),
        allowed=" AND ".join(
            ["TRUE", *(f"gamma_{name} <> {value}" for name, value in model.vetoes)]
        ),
        order=", ".join(f"gamma_{name} DESC" for name in names),
    )
    return [_pair(model, *row) for row in connection.execute(query).fetchall()]


def _frequency_weight(model: Model, name: str) -> str:
    comparison = next(c for c in model.comparisons if c.name == name)
    weighted = any(level.frequency for level in comparison.levels)
    return f" + mw_tf_adj_{name}" if weighted else ""


def _pair(model: Model, one: int, other: int, weight: float, *found: Any) -> ComparedPair:  # noqa: ANN401  (a row of the database)
    levels = dict(zip((c.name for c in model.comparisons), found[::2], strict=True))
    findings = tuple(
        Finding(label=label, weight=part)
        for comparison, part in zip(model.comparisons, found[1::2], strict=True)
        if (label := comparison.label(levels[comparison.name]))
    )
    return ComparedPair(
        left=min(one, other),
        right=max(one, other),
        weight=weight,
        findings=findings,
        same_name=any(finding.label == _SAME_NAME for finding in findings),
    )
