"""Places into pictures: a pure mapping library.

Import what you need from its module, so that `import maps` loads nothing heavy:

- `maps.datum`: WGS-84, GCJ-02, BD-09.
- `maps.grids`: grid files read, checked and looked up.
- `maps.density`: kernel density and hexagons in metres.
- `maps.coverage`, `maps.heat`, `maps.firms`: the pictures of the job, each as one HTML page.
- `maps.assets`: the self-hosted files that those pages load.

Everywhere points are `(lon, lat)` in degrees, WGS-84, unless a name says otherwise.
"""
