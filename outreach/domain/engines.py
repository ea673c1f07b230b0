"""Where the comparison of a district's rows runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Engine(StrEnum):
    """DuckDB works inside this process; Spark on this machine or on a cluster."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkageSettings:
    """How a district is linked.

    engine : `duckdb` or `spark`; both give the same enterprises.
    spark_master : address of a Spark cluster, such as `spark://host:7077`. Empty: what
        `spark-submit` or Spark's own configuration says, else the processors of this machine.
    spark_folder : folder for the steps in between that the driver and all workers read and write
        (a cluster needs it, one machine takes a temporary one).
    spark_memory : memory of the driver, as Spark writes it.
    """

    engine: Engine = Engine.DUCKDB
    spark_master: str = ""
    spark_folder: str = ""
    spark_memory: str = "4g"

    def __post_init__(self) -> None:
        object.__setattr__(self, "engine", Engine(self.engine))
