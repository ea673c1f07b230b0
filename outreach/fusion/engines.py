"""The door of Splink, DuckDB and Spark: which rows are compared, and how much each pair weighs.

What a district teaches of its weights is learned from a bounded sample, and always in DuckDB: the
weights, and so the enterprises, do not depend on where the comparison runs.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from outreach.domain.engines import Engine, LinkageSettings
from outreach.errors import InvalidInput
from outreach.fusion.clustering import ComparedPair
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
from outreach.fusion.comparisons import SAME_NAME, splink_comparisons
from outreach.fusion.links import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import duckdb
    import pyarrow as pa
    from pyspark.sql import SparkSession
    from splink import Linker
    from splink.internals.splink_dataframe import SplinkDataFrame

    from outreach.fusion.comparisons import Comparison, Model
    from outreach.fusion.crosswalk import Crosswalk

_THREADS = 2
"""Fixed, so that a district is linked alike on every machine."""

_LOCAL_PARTITIONS = 8
"""Spark's own 200 are meant for a cluster; on one machine they cost more than they save."""

_Learned = dict[tuple[str, int], dict[str, float]]
"""Comparison and place of the level -> the district's own m and u."""

_NUMBERS = frozenset({"unique_id", "record", "cluster", "coded", "company", "ended"})


def compare(found: Crosswalk, model: Model, settings: LinkageSettings) -> list[ComparedPair]:
    """Compare with Splink whatever may belong together and is not both known by its code.

    Raises
    ------
    InvalidInput
        When Spark is asked for and cannot be used here.
    """
    rows = list_comparables(found.profiles, found.clusters)
    if all(row.coded for row in rows):
        return []
    logging.getLogger("splink").setLevel(logging.ERROR)
    training = model.training
    examples = list_examples(
        found.profiles, rows, groups=training.groups, strangers=training.records
    )
    with _duckdb() as door:
        learned = _learn(door, examples, model)
        if settings.engine is Engine.DUCKDB:
            return _score(door, rows, model, learned)
    with _spark(settings) as cluster:
        return _score(cluster, rows, _for_spark(model), learned)


class _DuckDoor:
    """DuckDB inside this process."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        from splink.backends.duckdb import DuckDBAPI  # lazy: start-up time

        self.api = DuckDBAPI(connection)
        self._connection = connection

    def register(self, table: pa.Table, name: str) -> SplinkDataFrame:
        return self.api.register(table, table_name=name)

    def query(self, sql: str) -> list[Any]:
        return self._connection.execute(sql).fetchall()


class _SparkDoor:
    """Spark; its tables lie in files, because rows inside a plan are copied with every step."""

    def __init__(self, session: SparkSession, folder: str) -> None:
        from splink.backends.spark import SparkAPI

        self.api = SparkAPI(  # type: ignore[no-untyped-call]
            spark_session=session,
            break_lineage_method="parquet",
            register_udfs_automatically=False,  # the model uses Spark's own functions
        )
        self._session = session
        self._folder = folder

    def register(self, table: pa.Table, name: str) -> SplinkDataFrame:
        path = f"{self._folder}/{name}"
        self._session.createDataFrame(table).write.mode("overwrite").parquet(path)
        return self.api.register(self._session.read.parquet(path), table_name=name)

    def query(self, sql: str) -> list[Any]:
        rows: list[Any] = self._session.sql(_in_spark(sql)).collect()
        return rows


@contextmanager
def _duckdb() -> Iterator[_DuckDoor]:
    import duckdb

    with duckdb.connect(":memory:", config={"threads": _THREADS}) as connection:
        yield _DuckDoor(connection)


@contextmanager
def _spark(settings: LinkageSettings) -> Iterator[_SparkDoor]:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InvalidInput(
            "没有安装 Spark。请运行 pip install 'union-outreach[spark]',或改用 duckdb"
        ) from error
    builder = SparkSession.builder.appName("union-outreach").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.memory", settings.spark_memory)
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    if settings.spark_master:
        builder = builder.master(settings.spark_master)
    ours = SparkSession.getActiveSession() is None
    try:
        session = builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise InvalidInput(
            "Spark 启动不了:{reason}。请安装 Java 17,检查 spark_master,或改用 duckdb",
            reason=str(error).splitlines()[0],
        ) from error
    try:
        with _folder(settings, session) as folder:
            # What fails is raised; a stage too long to compile is interpreted, and logged so.
            session.sparkContext.setLogLevel("FATAL")
            session.sparkContext.setCheckpointDir(f"{folder}/steps")
            yield _SparkDoor(session, folder)
    finally:
        if ours:
            session.stop()


@contextmanager
def _folder(settings: LinkageSettings, session: SparkSession) -> Iterator[str]:
    """The folder of the steps in between: without it a plan grows until memory ends."""
    local = str(session.sparkContext.master).startswith("local")
    if local:
        session.conf.set("spark.sql.shuffle.partitions", _LOCAL_PARTITIONS)
    if settings.spark_folder:
        yield settings.spark_folder
    elif local:
        with TemporaryDirectory(prefix="outreach-spark-") as folder:
            yield folder
    else:
        raise InvalidInput(
            "用 Spark 集群时,请在设置里写明 linkage.spark_folder:各台机器都能读写的文件夹"
        )


def _for_spark(model: Model) -> Model:
    """Say the model's conditions in Spark's words."""
    from dataclasses import replace

    def said(comparison: Comparison) -> Comparison:
        levels = (
            level if level.sql == "ELSE" else replace(level, sql=_in_spark(level.sql))
            for level in comparison.levels
        )
        return replace(comparison, levels=tuple(levels))

    return replace(model, comparisons=tuple(map(said, model.comparisons)))


def _in_spark(sql: str) -> str:
    """Translate DuckDB's SQL.

    DuckDB counts the edits between two texts in bytes, Spark in characters; a text read as Latin-1
    has one character for each byte.
    """
    import sqlglot
    from sqlglot import exp

    def in_bytes(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Levenshtein):
            one, other = (
                sqlglot.parse_one(
                    f"decode(encode({side.sql('spark')}, 'UTF-8'), 'ISO-8859-1')", "spark"
                )
                for side in (node.this, node.expression)
            )
            return exp.Levenshtein(this=one, expression=other)
        if node.name.lower() == "strlen" or isinstance(node, exp.ByteLength):
            (text,) = node.expressions or (node.this,)
            return exp.Anonymous(this="octet_length", expressions=[text])
        return node

    return sqlglot.parse_one(sql, read="duckdb").transform(in_bytes).sql(dialect="spark")


def _learn(door: _DuckDoor, examples: Examples, model: Model) -> _Learned:
    """The district's own weights; what it is too small to tell is not in the result."""
    if len({code for code, _ in examples.same}) < model.training.least_groups:
        return {}
    same = [(number, code, *row) for number, (code, row) in enumerate(examples.same)]
    strangers = [(number, *row) for number, row in enumerate(examples.strangers)]
    of_same = _teacher(door, "same", same, ("unique_id", "label", *Described._fields), model)
    of_same.training.estimate_m_from_label_column("label")
    of_strangers = _teacher(door, "strangers", strangers, ("unique_id", *Described._fields), model)
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
    door: _DuckDoor,
    table: str,
    rows: Sequence[tuple[object, ...]],
    columns: Sequence[str],
    model: Model,
) -> Linker:
    from splink import Linker, SettingsCreator

    settings = SettingsCreator(
        link_type="dedupe_only", comparisons=[*splink_comparisons(model, frequencies=False)]
    )
    frame = door.register(_table(rows, columns), table)
    return Linker(frame, settings, log_level=logging.ERROR)


def _table(rows: Iterable[tuple[object, ...]], columns: Sequence[str]) -> pa.Table:
    """Make a table with the same types on either engine."""
    import pyarrow as pa

    kept = list(rows)
    return pa.table(
        {
            name: pa.array((row[place] for row in kept), _type_of(name), size=len(kept))
            for place, name in enumerate(columns)
        }
    )


def _type_of(column: str) -> pa.DataType:
    import pyarrow as pa

    if column in _NUMBERS:
        return pa.int64()
    return pa.float64() if column.startswith("tf_") else pa.string()


def _linker(
    door: _DuckDoor | _SparkDoor, rows: list[Comparable], model: Model, learned: _Learned
) -> Linker:
    """Make the linker of the whole district: rows, keys, weights, frequencies."""
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
    table = _table(
        (
            (number, row.record, row.cluster, int(row.coded), *row.described, *key)
            for number, (row, key) in enumerate(zip(rows, keys, strict=True))
        ),
        ["unique_id", "record", "cluster", "coded", *Described._fields, *Keys._fields],
    )
    linker = Linker(door.register(table, "described"), settings, log_level=logging.ERROR)
    for column in model.frequency_columns:
        shares = _table(
            frequencies(rows, column, model.least_size),
            [column, f"tf_{column}"],
        )
        lookup = door.register(shares, f"shares_of_{column}")
        linker.table_management.register_term_frequency_lookup(lookup, column)
    return linker


_BEST_PAIRS = """
SELECT record_l, record_r, round(match_weight, 6) AS weight, {found}
FROM {table}
WHERE {allowed}
QUALIFY row_number() OVER (
    PARTITION BY least(cluster_l, cluster_r), greatest(cluster_l, cluster_r)
    ORDER BY round(match_weight, 6) DESC, least(record_l, record_r), greatest(record_l, record_r),
        {order}
) = 1
"""


def _score(
    door: _DuckDoor | _SparkDoor,
    rows: list[Comparable],
    model: Model,
    learned: _Learned,
) -> list[ComparedPair]:
    """Score, and take the best pair of each two clusters with its reasons."""
    linker = _linker(door, rows, model, learned)
    scored = linker.inference.predict(
        threshold_match_weight=model.decision.doubt, warning_mode="never"
    )
    names = [comparison.name for comparison in model.comparisons]
    best = _BEST_PAIRS.format(
        table=scored.physical_name,
        found=", ".join(
            f"gamma_{name}, round(mw_{name}{_frequency_weight(model, name)}, 2) AS found_{name}"
            for name in names
        ),
        allowed=" AND ".join(
            ["TRUE", *(f"gamma_{name} <> {value}" for name, value in model.vetoes)]
        ),
        order=", ".join(f"gamma_{name} DESC" for name in names),
    )
    return [_pair(model, *row) for row in door.query(best)]


def _frequency_weight(model: Model, name: str) -> str:
    comparison = next(c for c in model.comparisons if c.name == name)
    weighted = any(level.frequency for level in comparison.levels)
    return f" + mw_tf_adj_{name}" if weighted else ""


def _pair(model: Model, one: int, other: int, weight: float, *found: Any) -> ComparedPair:  # noqa: ANN401  (a row of the database)
    findings = []
    shared: float | None = None
    for comparison, level, part in zip(model.comparisons, found[::2], found[1::2], strict=True):
        if level < 0:
            continue
        findings.append(Finding(label=comparison.label(level), weight=part))
        if comparison.name == model.decision.shared:
            shared = part
    return ComparedPair(
        left=min(one, other),
        right=max(one, other),
        weight=weight,
        findings=tuple(findings),
        same_name=any(finding.label == SAME_NAME for finding in findings),
        shared=shared,
    )
