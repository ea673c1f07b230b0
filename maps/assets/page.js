"use strict";
// The own part of a map page. Every text that arrives here is HTML made by maps/safe_text.py.
const mapPage = (() => {
  const MARGIN = 2;
  const STOP = 26;
  // Where a name may go, in half widths to the right and in heights down.
  const ASIDE = [[0, 0], [0, 1], [0, -1], [0.7, 0], [-0.7, 0], [0.7, 1], [-0.7, 1], [0.7, -1], [-0.7, -1], [0, 2], [0, -2]];

  // The whole district first, and again after the window changed, until the reader moves the map.
  function showWhole(map, bounds, label) {
    let moved = false;
    // Room for the buttons: beside the district or above it, wherever it is drawn larger.
    const rooms = [[[56, 8], [56, 8]], [[12, 52], [12, 28]]];
    const zoomIn = ([before, after]) => map.getBoundsZoom(
      bounds, false, L.point(before).add(L.point(after)));
    const fit = () => {
      // As large as fits: the steps between zooms are for the reader's own zooming.
      const step = map.options.zoomSnap;
      map.options.zoomSnap = 0.02;
      const [before, after] = zoomIn(rooms[1]) > zoomIn(rooms[0]) ? rooms[1] : rooms[0];
      map.fitBounds(bounds, { paddingTopLeft: before, paddingBottomRight: after, animate: false });
      map.options.zoomSnap = step;
    };
    ["wheel", "pointerdown", "keydown"].forEach((kind) => {
      map.getContainer().addEventListener(kind, () => { moved = true; }, { passive: true });
    });
    map.on("resize", () => { if (!moved) { fit(); } });
    map.on("viewchosen", () => { moved = true; });
    const button = L.control({ position: "topleft" });
    button.onAdd = () => {
      const bar = L.DomUtil.create("div", "leaflet-bar leaflet-control whole");
      const link = L.DomUtil.create("a", "", bar);
      link.href = "#";
      link.setAttribute("role", "button");
      link.title = label;
      link.setAttribute("aria-label", label);
      link.innerHTML = '<svg width="16" height="16" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true"><path d="M1 5V1h4M11 1h4v4M15 11v4h-4M5 15H1v-4"/></svg>';
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(link, "click", (event) => { L.DomEvent.stop(event); moved = false; fit(); });
      return bar;
    };
    button.addTo(map);
    fit();
  }

  function addScale(map, words) {
    const Scale = L.Control.Scale.extend({
      _updateMetric(most) {
        const metres = this._getRoundNum(most);
        const label = metres < 1000 ? `${metres} ${words.metre}` : `${metres / 1000} ${words.kilometre}`;
        this._updateScale(this._mScale, label, metres / most);
      },
    });
    new Scale({ imperial: false, maxWidth: 110 }).addTo(map);
  }

  function addNorth(map, html) {
    const north = L.control({ position: "topright" });
    north.onAdd = () => {
      const box = L.DomUtil.create("div", "north");
      box.innerHTML = `<svg width="12" height="16" aria-hidden="true"><path d="M6 0l5 15-5-4-5 4z" fill="currentColor"/></svg><b>${html}</b>`;
      return box;
    };
    north.addTo(map);
  }

  const plain = (html) => {
    const box = document.createElement("textarea");
    box.innerHTML = html;
    return box.value;
  };

  function start(map, options) {
    L.control.zoom({ zoomInTitle: plain(options.zoomIn), zoomOutTitle: plain(options.zoomOut) }).addTo(map);
    showWhole(map, options.bounds, plain(options.whole));
    addScale(map, { metre: plain(options.metre), kilometre: plain(options.kilometre) });
    addNorth(map, options.north);
    map.getContainer().setAttribute("role", "region");
    map.getContainer().setAttribute("aria-label", plain(options.title));
  }

  // Areas by the number that the page around the map gave them.
  const known = new Map();
  function know(key, layer) {
    if (key) { known.set(key, layer); }
  }

  // Pictures of roads and names from the one configured place, below everything else.
  function addBase(map, addresses, servers) {
    addresses.forEach((address) => {
      L.tileLayer(address, { subdomains: servers || "abc", maxZoom: 18, referrerPolicy: "no-referrer" }).addTo(map);
    });
    map.getContainer().classList.add("over-base");
  }

  // Lines of a tooltip: the first is the name.
  function tip(lines) {
    return lines.map((line, at) => (at === 0 ? `<strong>${line}</strong>` : line)).join("<br>");
  }

  // Names of places, the most important first; one that would touch another moves a little, a small
  // one stays away.
  function addPlaces(map, places) {
    const pane = map.createPane("place");
    pane.style.zIndex = 590;
    const all = places.map(([lat, lon, html, small, high, wide]) => {
      const box = L.DomUtil.create("div", small ? "place small" : "place", pane);
      box.innerHTML = html;
      return { at: L.latLng(lat, lon), box, small, high, wide, width: box.offsetWidth, height: box.offsetHeight };
    });
    const fits = (place, at) => {
      if (!place.small) { return true; }
      const corner = map.latLngToLayerPoint([place.at.lat + place.high, place.at.lng + place.wide]);
      return corner.x - at.x > place.width + 8 && at.y - corner.y > place.height + 8;
    };
    const layout = () => {
      const taken = [];
      all.forEach((place) => {
        const at = map.latLngToLayerPoint(place.at);
        const boxes = (place.small ? [[0, 0]] : ASIDE).map(([right, down]) => {
          const left = Math.round(at.x + (right - 1) * place.width / 2);
          const top = Math.round(at.y + (down - 0.5) * place.height);
          return [left - MARGIN, top - MARGIN, left + place.width + MARGIN, top + place.height + MARGIN];
        });
        const box = fits(place, at) && boxes.find((one) => taken.every((other) => (
          one[2] <= other[0] || one[0] >= other[2] || one[3] <= other[1] || one[1] >= other[3])));
        if (box) { taken.push(box); }
        place.box.style.visibility = box ? "visible" : "hidden";
        L.DomUtil.setPosition(place.box, L.point((box || boxes[0])[0] + MARGIN, (box || boxes[0])[1] + MARGIN));
      });
    };
    map.on("zoomstart", () => { pane.style.visibility = "hidden"; });
    map.on("zoomend viewreset", () => { pane.style.visibility = ""; layout(); });
    layout();
  }

  // Points as circles on one canvas: [lat, lon, style, name], degrees in hundred-thousandths.
  function addPoints(map, rows, styles) {
    map.createPane("points").style.zIndex = 450;
    const renderer = L.canvas({ pane: "points", tolerance: 6 });
    rows.forEach(([lat, lon, style, name]) => {
      L.circleMarker([lat / 1e5, lon / 1e5], { renderer, pane: "points", ...styles[style] })
        .bindTooltip(name, { direction: "top", opacity: 1 }).addTo(map);
    });
  }

  // A way, [lat, lon], on a seam of paper; and numbered discs: [lat, lon, number].
  function addRoute(map, way, stops) {
    map.createPane("route").style.zIndex = 460;
    const renderer = L.svg({ pane: "route", padding: 0.5 });
    ["route-seam", "route-line"].forEach((className) => {
      L.polyline(way, { renderer, pane: "route", className, interactive: false }).addTo(map);
    });
    stops.forEach(([lat, lon, html]) => {
      const icon = L.divIcon({ html, className: "stop", iconSize: [STOP, STOP] });
      L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(map);
    });
  }

  // Everything outside of the district in the colour of the paper.
  function addOutside(map, rings, colour) {
    const world = [[-85, -180], [-85, 180], [85, 180], [85, -180]];
    L.polygon([world, ...rings], {
      stroke: false, fillColor: colour, fillOpacity: 1, interactive: false, renderer: L.svg({ padding: 1 }), noClip: true,
    }).addTo(map);
  }

  return { start, tip, know, known, addBase, addPlaces, addPoints, addRoute, addOutside };
})();
