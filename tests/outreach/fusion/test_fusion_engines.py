from __future__ import annotations

import importlib.util
import shutil
import sys
from types import SimpleNamespace

import pytest
from environment import skip_or_fail

from outreach.demo.district import write_district
from outreach.domain.engines import Engine, LinkageSettings
from outreach.errors import InvalidInput
from outreach.fusion import engines
from outreach.services.linking.linkfiles import link_files
from outreach.settings import make_settings
from outreach.sources.workbooks import Limits

FILES = ("market.xlsx", "hr.xlsx", "union.xlsx", "tax.csv", "civil.csv")
SPARK = LinkageSettings(engine=Engine.SPARK, spark_master="local[2]", spark_memory="1g")


@pytest.fixture
def spark():
    if importlib.util.find_spec("pyspark") is None:
        skip_or_fail("pyspark is not installed (make spark)")
    if shutil.which("java") is None:
        skip_or_fail("no Java on this machine (apt-get install default-jre-headless)")


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::ResourceWarning")
def test_spark_makes_the_same_enterprises_as_duckdb(spark, tmp_path):
    write_district(tmp_path, seed=7, dirt=2.0, entities=1_000)
    files = [tmp_path / name for name in FILES]
    here = link_files(files, limits=Limits())
    assert len({link.enterprise_id for link in here}) < len(here)
    assert link_files(files, limits=Limits(), settings=SPARK) == here


def test_without_spark_the_command_says_what_to_install(monkeypatch, tmp_path):
    write_district(tmp_path, seed=7, entities=800)
    for module in ("pyspark", "pyspark.sql", "pyspark.errors"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InvalidInput, match=r"union-outreach\[spark\]"):
        link_files([tmp_path / name for name in FILES], limits=Limits(), settings=SPARK)


def test_settings_name_the_engine_and_refuse_an_unknown_one():
    made = make_settings({"linkage": {"engine": "spark", "spark_master": "spark://host:7077"}})
    assert made.linkage.engine is Engine.SPARK
    assert make_settings({}).linkage.engine is Engine.DUCKDB
    with pytest.raises(InvalidInput, match="hive"):
        make_settings({"linkage": {"engine": "hive"}})


def session_of(master):
    context = SimpleNamespace(master=master)
    return SimpleNamespace(sparkContext=context, conf=SimpleNamespace(set=lambda *_: None))


def test_a_cluster_needs_a_folder_that_all_its_machines_share():
    with (
        pytest.raises(InvalidInput, match="spark_folder"),
        engines._folder(LinkageSettings(), session_of("spark://host:7077")),
    ):
        pass
    shared = LinkageSettings(spark_folder="hdfs://store/steps")
    with engines._folder(shared, session_of("spark://host:7077")) as folder:
        assert folder == "hdfs://store/steps"
    with engines._folder(LinkageSettings(), session_of("local[2]")) as folder:
        assert "outreach-spark-" in folder


def test_spark_counts_edits_and_lengths_in_bytes_as_duckdb_does():
    said = engines._in_spark("levenshtein(a, b) <= 3 AND strlen(a) > length(b)")
    assert said.count("'ISO-8859-1'") == 2
    assert "OCTET_LENGTH(a) > LENGTH(b)" in said
