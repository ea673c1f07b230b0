"""Measure the linkage on made-up districts: seconds, peak memory, precision, recall.

    .venv/bin/python benchmarks/linkage.py [ENTITIES ...] [--seed N] [--dirt X] [--plain-up-to N]
                                           [--spark-up-to N]

Each size is written, linked from its files in a process of its own, and scored against the truth,
which the linkage never reads. Beside it stands Splink used plainly: the same rows and blocking on
name, phone and person, its own name, phone and exact comparisons, trained as its tutorial does.
`cpu` are the processor's seconds, which other work on the machine changes little; of Spark they are
those of Python alone, and so is the memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

FILES = ("market.xlsx", "hr.xlsx", "union.xlsx", "tax.csv", "civil.csv")
Key = tuple[str, int]


def read_truth(folder: Path) -> dict[Key, str]:
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {(row["file"], int(row["row"])): row["entity"] for row in csv.DictReader(file)}


def pairs(counts: Counter) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())


def score(truth: dict[Key, str], found: dict[Key, int]) -> dict[str, float]:
    """Pair precision, recall and F1; the share of union rows with a right and a wrong partner."""
    both = Counter((truth[key], found[key]) for key in truth)
    hit = pairs(both)
    said, asked = pairs(Counter(found[key] for key in truth)), pairs(Counter(truth.values()))
    precision, recall = hit / max(1, said), hit / max(1, asked)
    members: dict[int, set[str]] = {}
    for key, entity in truth.items():
        if not key[0].startswith("union"):
            members.setdefault(found[key], set()).add(entity)
    elsewhere = set().union(*members.values())
    unions = [k for k in truth if k[0].startswith("union") and truth[k] in elsewhere]
    right = sum(truth[key] in members.get(found[key], ()) for key in unions)
    joined = sum(found[key] in members for key in unions)
    return {
        "P": precision,
        "R": recall,
        "F1": 2 * precision * recall / max(1e-9, precision + recall),
        "union": right / max(1, len(unions)),
        "wrong": (joined - right) / max(1, len(unions)),
    }


def link_district(folder: Path, engine: str) -> dict[Key, int]:
    from outreach.domain.engines import Engine, LinkageSettings
    from outreach.services.linking.linkfiles import link_files
    from outreach.sources.workbooks import Limits

    many = Limits(most_bytes=10**9, most_unpacked_bytes=10**10, most_rows=10**7, most_cells=10**9)
    settings = LinkageSettings(engine=Engine(engine))
    links = link_files([folder / name for name in FILES], limits=many, settings=settings)
    return {(link.file, link.row): link.enterprise_id for link in links}


def plain_rows(folder: Path) -> tuple[list[Key], list[dict[str, object]]]:
    from outreach.domain.statements import Prop
    from outreach.sources.registers import read_register
    from outreach.sources.workbooks import Limits

    wanted = {
        "uscc": Prop.USCC,
        "name": Prop.NAME,
        "person": Prop.LEGAL_REP,
        "phone": Prop.PHONE,
        "address": Prop.ADDRESS,
    }
    limits = Limits(most_bytes=10**9, most_unpacked_bytes=10**10, most_rows=10**7)
    keys: list[Key] = []
    rows: list[dict[str, object]] = []
    for name in FILES:
        for record in read_register(folder / name, limits=limits).records:
            said = {s.prop: s.value for s in reversed(record.statements)}
            values = {column: said.get(prop) for column, prop in wanted.items()}
            rows.append({"unique_id": len(rows), **values})
            keys.append((name, record.row))
    return keys, rows


def link_plainly(folder: Path) -> dict[Key, int]:
    """Splink with the comparisons and the training of its tutorial, nothing of this project."""
    import pandas as pd
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    keys, rows = plain_rows(folder)
    engine = DuckDBAPI()
    columns = ("uscc", "name", "person", "phone", "address")
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ExactMatch("uscc"),
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88]),
            *(cl.ExactMatch(column).configure(term_frequency_adjustments=True)
              for column in ("person", "phone", "address")),
        ],
        blocking_rules_to_generate_predictions=[block_on(column) for column in columns],
    )  # fmt: skip
    table = engine.register(pd.DataFrame(rows), table_name="records")
    linker = Linker(table, settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("uscc"), block_on("name")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("uscc"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name"))
    scored = linker.inference.predict(threshold_match_probability=0.95)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, 0.95)
    by_row = dict(
        engine.duckdb_con.execute(
            f"SELECT unique_id, cluster_id FROM {clusters.physical_name}"
        ).fetchall()
    )
    return {key: by_row[number] for number, key in enumerate(keys)}


def measure(folder: Path, linker: str) -> dict[str, float]:
    """Link in this process; memory is its peak."""
    started = time.perf_counter()
    found = link_plainly(folder) if linker == "plain" else link_district(folder, linker)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    truth = read_truth(folder)
    return {
        "rows": len(truth),
        "s": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "MB": used.ru_maxrss / 1024,
        **score(truth, found),
    }


def in_own_process(folder: Path, linker: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", str(folder), "--linker", linker]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def print_table(arguments: argparse.Namespace) -> None:
    from outreach.demo.district import write_district

    linkers = (
        ("this project", "duckdb", sys.maxsize),
        ("the same on Spark", "spark", arguments.spark_up_to),
        ("Splink plainly", "plain", arguments.plain_up_to),
    )
    print(
        "entities    rows linked by             s    cpu     MB      P      R     F1  union  wrong"
    )
    for entities in arguments.entities:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            write_district(folder, seed=arguments.seed, dirt=arguments.dirt, entities=entities)
            for label, linker, most in linkers:
                if entities > most:
                    continue
                f = in_own_process(folder, linker)
                print(
                    f"{entities:8} {f['rows']:7} {label:17}"
                    + f" {f['s']:6.1f} {f['cpu']:6.1f} {f['MB']:6.0f}"
                    + "".join(f" {f[name]:6.4f}" for name in ("P", "R", "F1", "union", "wrong")),
                    flush=True,
                )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entities", nargs="*", type=int, default=[2_000, 20_000, 200_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dirt", type=float, default=1.0)
    parser.add_argument("--plain-up-to", type=int, default=20_000)
    parser.add_argument("--spark-up-to", type=int, default=0)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--linker", default="duckdb", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.linker)))
    else:
        print_table(arguments)


if __name__ == "__main__":
    main()
