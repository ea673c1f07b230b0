"""Small road files in the format of OpenStreetMap, and the streets of the district of factories."""

from __future__ import annotations

from outreach.domain.travel import RoadRule
from outreach.services.planning.road_store import RoadStore
from outreach.services.planning.travel import ROAD_STORE

WEST, SOUTH = 115.0, 25.0
STREET = {"highway": "residential"}


def write_road_file(path, nodes, ways, *, day=None):
    """Write nodes {id: (lon, lat)} and ways [(tags, node ids)] as .osm.pbf."""
    import osmium

    header = osmium.io.Header()
    if day:
        header.set("osmosis_replication_timestamp", f"{day}T00:00:00Z")
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = osmium.SimpleWriter(str(path), overwrite=True, header=header)
    for number, lonlat in nodes.items():
        writer.add_node(osmium.osm.mutable.Node(id=number, location=lonlat))
    for number, (tags, members) in enumerate(ways, start=1000):
        writer.add_way(osmium.osm.mutable.Way(id=number, nodes=members, tags=tags))
    writer.close()
    return path


def write_streets(path, *, east_m=2000, day="2026-11-20", tags=STREET):
    """Streets a hundred metres apart over the two grids of `factories`, from the west to `east_m`.

    Only every fifth one leads north, so that ways along them are longer than straight ones.
    """
    step = 0.001
    columns = round(east_m / 100) + 1
    at = {(x, y): 1 + x * 11 + y for x in range(columns) for y in range(11)}
    nodes = {
        number: (round(WEST + x * step, 6), round(SOUTH + y * step, 6))
        for (x, y), number in at.items()
    }
    ways = [(tags, [at[x, y] for x in range(columns)]) for y in range(11)]
    ways += [(tags, [at[x, y] for y in range(11)]) for x in range(0, columns, 5)]
    return write_road_file(path, nodes, ways, day=day)


def give_roads(session, folder, rule=None):
    """Let a session know where road files are kept."""
    store = RoadStore(folder=folder / "roads", rule=rule or RoadRule())
    session.info[ROAD_STORE] = store
    return store
