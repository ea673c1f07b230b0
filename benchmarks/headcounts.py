"""Measure headcounts against the truth: ratios, probabilities, intervals, the target list.

    .venv/bin/python benchmarks/headcounts.py [--seeds N ...] [--entities N] [--dirt X] [--folder F]

Each made-up district is written, linked from its files and folded as the application does; a folder
with the five files, `truth.csv` and `entities.csv` may be given instead. Truth is read for scoring
only. `--list-at P` adds the target list at another probability than the setting's.
"""

from __future__ import annotations

import argparse
import csv
import math
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

from outreach.domain.enterprises import UnionStatus
from outreach.domain.headcounts import Headcount, newest_figures
from outreach.domain.sources import Source
from outreach.domain.targets import TargetRule
from outreach.fusion.calibration import LEAST_FIGURE, learn_calibration
from outreach.fusion.survivorship import fold_enterprise, list_headcounts
from outreach.services.linking.linkfiles import link_files
from outreach.sources.registers import read_register
from outreach.sources.workbooks import Limits

if TYPE_CHECKING:
    from outreach.domain.enterprises import Enterprise
    from outreach.domain.headcounts import Calibration
    from outreach.domain.statements import Statement

FILES = ("market.xlsx", "hr.xlsx", "union.xlsx", "tax.csv", "civil.csv")
TODAY = date(2026, 11, 23)
MANY = Limits(most_bytes=10**9, most_unpacked_bytes=10**10, most_rows=10**7, most_cells=10**9)
RULE = TargetRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of one body: people, and whether it belongs on the target list."""

    employees: int
    is_target: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """Linked and folded enterprises with the truth of the body that most of their rows are of."""

    calibration: Calibration
    enterprises: list[Enterprise]
    bodies: list[str]
    truth: dict[str, Truth]


def read_truth(folder: Path) -> tuple[dict[tuple[str, int], str], dict[str, Truth]]:
    with (folder / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["file"], int(row["row"])): row["entity"] for row in csv.DictReader(file)}
    with (folder / "entities.csv").open(encoding="utf-8-sig", newline="") as file:
        bodies = {
            row["entity"]: Truth(
                employees=int(row["employees"]),
                is_target=int(row["employees"]) > RULE.employees_over
                and row["status"] == "存续"
                and row["has_union"] == "0",
            )
            for row in csv.DictReader(file)
        }
    return rows, bodies


def load_district(folder: Path) -> District:
    """Link the files and fold every enterprise; a record keeps its own number, as in the store."""
    rows, truth = read_truth(folder)
    said: dict[tuple[str, int], list[Statement]] = {}
    number = 0
    for name in FILES:
        for record in read_register(folder / name, limits=MANY).records:
            number += 1
            said[name, record.row] = [replace(s, record_id=number) for s in record.statements]
    members: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for link in link_files([folder / name for name in FILES], limits=MANY):
        members[link.enterprise_id].append((link.file, link.row))
    clusters = list(members.values())
    statements = [[s for key in cluster for s in said.get(key, ())] for cluster in clusters]
    calibration = learn_calibration(list_headcounts(one) for one in statements)
    return District(
        calibration=calibration,
        enterprises=[
            fold_enterprise(
                one,
                lambda _address: "",
                today=TODAY,
                calibration=calibration,
                employees_over=RULE.employees_over,
            )
            for one in statements
        ],
        bodies=[Counter(rows[key] for key in cluster).most_common(1)[0][0] for cluster in clusters],
        truth=truth,
    )


def print_ratios(district: District) -> None:
    """What was learned of each source beside the truth, over firms of some size."""
    seen: dict[Source, list[float]] = defaultdict(list)
    for enterprise, body in zip(district.enterprises, district.bodies, strict=True):
        true = district.truth[body].employees
        for source, figure in newest_figures(enterprise.headcounts).items():
            if true >= LEAST_FIGURE and figure.employees:
                seen[source].append(math.log(figure.employees / true))
    print("source            firms   ratio  (true)   spread  (true)")
    for source, worth in sorted(district.calibration.sources.items()):
        if worth.pairs:
            middle = median(seen[source])
            spread = 1.4826 * median(abs(one - middle) for one in seen[source])
            print(
                f"{source.value:16} {worth.pairs:6} {worth.ratio:7.3f} ({math.exp(middle):.3f})"
                f"  {worth.spread:7.3f} ({spread:.3f})"
            )


def print_reliability(district: District) -> None:
    """Of the firms with each probability, how many are over the line; how many intervals hold."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    held, held_near = [], []
    for enterprise, body in zip(district.enterprises, district.bodies, strict=True):
        found, true = enterprise.headcount, district.truth[body].employees
        if found is None:
            continue
        place = min(9, int(10 * found.over_probability))
        bins[place].append((found.over_probability, true > RULE.employees_over))
        held.append(found.low <= true <= found.high)
        if 13 <= true <= 50:
            held_near.append(held[-1])
    print("probability   firms    said   truly over")
    for place, found_in in sorted(bins.items()):
        said, over = mean(p for p, _ in found_in), mean(is_over for _, is_over in found_in)
        print(
            f"{place / 10:.1f}-{(place + 1) / 10:.1f} {len(found_in):11} {said:7.2f} {over:12.2f}"
        )
    print(f"intervals (80 %) hold {mean(held):.3f}; with 13 to 50 people {mean(held_near):.3f}")


def largest_declared(enterprise: Enterprise) -> int:
    """The rule before: the larger of social insurance and income tax, else a report."""
    newest = newest_figures(enterprise.headcounts)
    declared = [newest[s] for s in (Source.SOCIAL_SECURITY, Source.TAX) if s in newest]
    if declared:
        return max(figure.employees for figure in declared)
    rest: list[Headcount] = [
        newest[s] for s in (Source.MARKET, Source.CIVIL_AFFAIRS, Source.MEMBERS) if s in newest
    ]
    return rest[0].employees if rest else 0


def print_targets(district: District, shares: list[float]) -> None:
    """Precision, recall and F1 of the target list, by the rule before and by the estimate."""
    active = [
        e.state.is_active and e.union_status is UnionStatus.NONE for e in district.enterprises
    ]
    chances = [e.headcount.over_probability if e.headcount else 0.0 for e in district.enterprises]
    before = [largest_declared(e) > RULE.employees_over for e in district.enterprises]
    true = {body for body, one in district.truth.items() if one.is_target}
    lists = [("larger of two", before)]
    lists += [(f"P >= {share:.2f}", [p >= share for p in chances]) for share in shares]
    print(f"target list ({len(true)} true)   listed      P      R     F1")
    for label, over in lists:
        listed = [
            body
            for body, one, is_over in zip(district.bodies, active, over, strict=True)
            if one and is_over
        ]
        hit = len(true.intersection(listed))
        precision, recall = hit / max(1, len(listed)), hit / max(1, len(true))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{label:25} {len(listed):7} {precision:6.3f} {recall:6.3f} {f1:6.3f}")
    doubtful = sum(
        one and RULE.doubtful_from <= p < RULE.probably_over
        for one, p in zip(active, chances, strict=True)
    )
    silent = sum(
        e.headcount is None and body in true
        for e, body in zip(district.enterprises, district.bodies, strict=True)
    )
    print(
        f"doubtful, to be verified on a visit: {doubtful}; true targets without a figure: {silent}"
    )


def report(folder: Path, shares: list[float]) -> None:
    """Print the tables of one district."""
    district = load_district(folder)
    print_ratios(district)
    print_reliability(district)
    print_targets(district, shares)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--entities", type=int, default=20_000)
    parser.add_argument("--dirt", type=float, default=1.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--list-at", nargs="*", type=float, default=[])
    arguments = parser.parse_args()
    shares = [RULE.probably_over, *arguments.list_at]
    if arguments.folder:
        report(arguments.folder, shares)
        return
    from outreach.demo.district import write_district

    for seed in arguments.seeds:
        print(f"\nseed {seed}, {arguments.entities} entities, dirt {arguments.dirt}", flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            write_district(folder, seed=seed, entities=arguments.entities, dirt=arguments.dirt)
            report(folder, shares)


if __name__ == "__main__":
    main()
