"""Writes the whole demo district as the files that bureaus send, with the truth beside them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from shapely import LineString

from outreach.demo.economy import Economy
from outreach.demo.files import write_csv, write_geojson, write_workbook
from outreach.demo.geography import make_geography, to_degrees
from outreach.demo.offices import OFFICES
from outreach.demo.places import ERROR_M
from outreach.demo.registers import make_register

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from outreach.demo.entities import Entity
    from outreach.demo.geography import Geography
    from outreach.demo.registers import Register
    from outreach.demo.towns import Region

DEFAULT_SEED = 20261121
"""The district of the manual and of the first start."""

DEFAULT_ENTITIES = 20_000
"""Size of the district that the project was made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFiles:
    """What was written.

    Attributes
    ----------
    province, city, district, former_county
        Full names, with 省, 市, 区, 县; all invented, as are the codes.
    label
        The district's name with the mark that it is a made-up one, for pages and titles.
    rows
        Data rows of each register file, by file name.
    counts
        Other counts: entities, joint_unions, towns, grids, places, roads.
    """

    market: Path
    hr: Path
    union: Path
    tax: Path
    civil: Path
    grids: Path
    grid_workers: Path
    gazetteer: Path
    roads: Path
    truth: Path
    entities: Path
    province: str
    city: str
    district: str
    former_county: str
    label: str
    adcode: str
    former_adcode: str
    rows: Mapping[str, int]
    counts: Mapping[str, int]


def write_district(
    folder: Path,
    *,
    seed: int = DEFAULT_SEED,
    entities: int = DEFAULT_ENTITIES,
    dirt: float = 1.0,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> DemoFiles:
    """Write a made-up district into folder, which is created if need be.

    Parameters
    ----------
    seed
        Another seed gives another district: land, names, people, errors.
    entities
        Number of firms and other bodies; branches and dead firms count.
    dirt
        Factor on the rates of errors; 0 writes clean names and codes, 2 a hard district.
        What an office does not know at all (no row, no code, no phone) does not depend on it.
    on_progress
        Called with the file just written, how many are done, and how many there are.

    Returns
    -------
    DemoFiles
        Paths, names and counts. The same arguments give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report = _Progress(total=11, call=on_progress)
    land = make_geography(random.Random(f"{seed}/geography"))  # noqa: S311  (nothing is secret)
    _write_land(folder, land, report)
    economy = Economy(random.Random(f"{seed}/economy"), land)  # noqa: S311  (nothing is secret)
    bodies = economy.make_entities(entities)
    registers = make_registers(seed, land.region, bodies, dirt)
    for register in registers:
        write_register(folder, register)
        report.step(register.file)
    write_truth(folder, registers)
    report.step("truth.csv")
    _write_entities(folder, bodies, report)
    return _summarise(folder, land, bodies, registers)


def make_registers(seed: int, region: Region, bodies: list[Entity], dirt: float) -> list[Register]:
    """Return the five offices' files about the bodies; each office has its own chance."""
    return [
        make_register(
            office,
            rng=random.Random(f"{seed}/{office.file}"),  # noqa: S311  (nothing is secret)
            region=region,
            entities=bodies,
            dirt=dirt,
        )
        for office in OFFICES
    ]


class _Progress:
    def __init__(self, *, total: int, call: Callable[[str, int, int], None] | None) -> None:
        self._total = total
        self._call = call
        self._done = 0

    def step(self, name: str) -> None:
        self._done += 1
        if self._call is not None:
            self._call(name, self._done, self._total)


def _write_land(folder: Path, land: Geography, report: _Progress) -> None:
    district = f"{land.region.district}区"
    towns = [town.name for town in land.towns]
    write_geojson(
        folder / "grids.geojson",
        name=f"{district}网格",
        features=(
            ({"网格编码": grid.code, "网格名称": grid.name, "所属镇街": towns[grid.town]}, shape)
            for grid, shape in zip(land.grids, land.shapes, strict=True)
        ),
    )
    report.step("grids.geojson")
    write_csv(
        folder / "grid_workers.csv",
        ("网格编码", "网格名称", "网格员", "联系电话", "办公点经度", "办公点纬度"),
        [
            (grid.code, grid.name, worker.name, worker.phone, *worker.office)
            for grid, worker in zip(land.grids, land.workers, strict=True)
        ],
        encoding="gb18030",
    )
    report.step("grid_workers.csv")
    spots = to_degrees(land.plane, np.array([(place.x, place.y) for place in land.places]))
    write_csv(
        folder / "gazetteer.csv",
        ("地名", "所属镇街", "经度", "纬度", "误差米"),
        [
            (place.name, towns[place.town], lon, lat, ERROR_M[place.kind])
            for place, (lon, lat) in zip(land.places, spots.tolist(), strict=True)
        ],
        encoding="utf-8",
    )
    report.step("gazetteer.csv")
    write_geojson(
        folder / "roads.geojson",
        name=f"{district}道路",
        features=(
            (
                {"name": road.name, "class": road.road_class.value},
                LineString(to_degrees(land.plane, road.path)),
            )
            for road in land.roads
        ),
    )
    report.step("roads.geojson")


def write_register(folder: Path, register: Register) -> None:
    """Write one office's file as that office does: a workbook, or a csv in its encoding."""
    path = folder / register.file
    if path.suffix == ".xlsx":
        write_workbook(path, register)
    else:
        encoding = "gb18030" if path.name == "tax.csv" else "utf-8-sig"
        write_csv(path, register.header, (row for _, row in register.rows), encoding=encoding)


def write_truth(folder: Path, registers: list[Register]) -> None:
    """Write whose row each line of the registers is."""
    write_csv(
        folder / "truth.csv",
        ("file", "row", "entity"),
        (
            (register.file, line, entity)
            for register in registers
            for line, (entity, _) in enumerate(
                register.rows, start=2 if register.title is None else 3
            )
        ),
        encoding="utf-8",
    )


def _write_entities(folder: Path, bodies: list[Entity], report: _Progress) -> None:
    write_csv(
        folder / "entities.csv",
        ("entity", "employees", "status", "has_union"),
        ((body.number, body.employees, body.status.value, int(body.has_union)) for body in bodies),
        encoding="utf-8",
    )
    report.step("entities.csv")


def _summarise(
    folder: Path, land: Geography, bodies: list[Entity], registers: list[Register]
) -> DemoFiles:
    region = land.region
    return DemoFiles(
        market=folder / "market.xlsx",
        hr=folder / "hr.xlsx",
        union=folder / "union.xlsx",
        tax=folder / "tax.csv",
        civil=folder / "civil.csv",
        grids=folder / "grids.geojson",
        grid_workers=folder / "grid_workers.csv",
        gazetteer=folder / "gazetteer.csv",
        roads=folder / "roads.geojson",
        truth=folder / "truth.csv",
        entities=folder / "entities.csv",
        province=f"{region.province}省",
        city=f"{region.city}市",
        district=f"{region.district}区",
        former_county=f"{region.district}县",
        label=f"{region.district}区（示范）",
        adcode=region.adcode,
        former_adcode=region.former_adcode,
        rows={register.file: len(register.rows) for register in registers},
        counts={
            "entities": len(bodies),
            "joint_unions": len({body.joint_union.code for body in bodies if body.joint_union}),
            "towns": len(land.towns),
            "grids": len(land.grids),
            "places": len(land.places),
            "roads": len(land.roads),
        },
    )
