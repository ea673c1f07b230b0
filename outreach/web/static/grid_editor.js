/* Grids to edit: a corner that neighbours share moves for all of them, so no gap can open. */
(function () {
  "use strict";
  var holder = document.getElementById("map");
  if (!holder || !window.L) { return; }
  var picture = JSON.parse(document.getElementById("picture").textContent);
  var texts = JSON.parse(document.getElementById("texts").textContent);
  var form = document.getElementById("edit");
  var field = document.getElementById("shapes");
  var chooser = document.getElementById("grid");
  var told = document.getElementById("told");
  var MOST_HANDLES = 250;

  /* Shapes are kept as lists of polygons of open rings of [lon, lat]. */
  function opened(geometry) {
    var parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return parts.map(function (part) {
      return part.map(function (ring) { return ring.slice(0, -1).map(function (point) { return [point[0], point[1]]; }); });
    });
  }
  function closed(parts) {
    var whole = parts.map(function (part) {
      return part.map(function (ring) { return ring.concat([ring[0]]); });
    });
    return whole.length === 1 ? { type: "Polygon", coordinates: whole[0] } : { type: "MultiPolygon", coordinates: whole };
  }
  var shapes = {}, names = {}, touched = {}, steps = [], drawing = null, chosen = null;
  picture.grids.forEach(function (grid) { shapes[grid.id] = opened(grid.geometry); names[grid.id] = grid.name; });
  if (field.value) {
    try {
      var kept = JSON.parse(field.value);
      Object.keys(kept).forEach(function (key) {
        if (shapes[key] || key === "new") { shapes[key] = opened(kept[key]); touched[key] = true; }
      });
    } catch (error) { field.value = ""; }
  }

  var map = L.map(holder, { zoomControl: false, zoomSnap: 0.25, attributionControl: false, maxZoom: 19, doubleClickZoom: false });
  L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
  function latLngs(parts) {
    return parts.map(function (part) { return part.map(function (ring) { return ring.map(function (p) { return [p[1], p[0]]; }); }); });
  }
  var layers = {}, whole = L.latLngBounds([]);
  Object.keys(shapes).forEach(function (key) { shapes[key].forEach(function (part) { part[0].forEach(function (p) { whole.extend([p[1], p[0]]); }); }); });
  if (whole.isValid()) { map.fitBounds(whole, { animate: false }); } else { map.setView([35, 105], 4); }
  function style(key) {
    var mine = String(key) === String(chosen);
    return { color: mine ? "#b3001b" : touched[key] ? "#1f4e8c" : "#50565e", weight: mine ? 3 : touched[key] ? 3 : 1, fillColor: touched[key] ? "#c6d4e6" : "#f5f6f8", fillOpacity: 0.7 };
  }
  function paint(key) {
    if (!layers[key]) {
      layers[key] = L.polygon(latLngs(shapes[key]), style(key)).addTo(map);
      var box = document.createElement("span");
      box.textContent = names[key] || texts.new_grid;
      layers[key].bindTooltip(box, { sticky: true });
      layers[key].on("click", function (event) { if (!drawing) { L.DomEvent.stop(event); choose(key, false); } });
    }
    layers[key].setLatLngs(latLngs(shapes[key])).setStyle(style(key));
    if (String(key) === String(chosen)) { layers[key].bringToFront(); }
  }
  Object.keys(shapes).forEach(paint);

  /* Where a corner stands: all rings that share it. */
  function same(a, b) { return Math.abs(a[0] - b[0]) < 1e-7 && Math.abs(a[1] - b[1]) < 1e-7; }
  function sharing(point) {
    var found = [];
    Object.keys(shapes).forEach(function (key) {
      shapes[key].forEach(function (part) {
        part.forEach(function (ring) {
          ring.forEach(function (p, i) { if (same(p, point)) { found.push({ key: key, ring: ring, index: i }); } });
        });
      });
    });
    return found;
  }
  function keep() {
    steps.push({ shapes: JSON.stringify(shapes), touched: JSON.stringify(touched) });
    if (steps.length > 100) { steps.shift(); }
  }
  function changed(keys) {
    keys.forEach(function (key) { touched[key] = true; paint(key); });
    tell();
    handles();
    holder.dispatchEvent(new Event("painted"));
  }
  function tell() {
    var count = Object.keys(touched).length;
    told.textContent = count ? texts.touched.replace("{count}", count) : texts.untouched;
    document.getElementById("back").disabled = !steps.length;
    document.getElementById("send").disabled = !count;
    document.getElementById("named").hidden = !shapes["new"];
  }

  var group = L.layerGroup().addTo(map);
  function handle(point, middle) {
    var marker = L.marker([point[1], point[0]], {
      icon: L.divIcon({ className: middle ? "corner middle" : "corner", html: "", iconSize: middle ? [12, 12] : [16, 16] }),
      draggable: !middle, keyboard: true, title: middle ? texts.add : texts.corner, alt: middle ? texts.add : texts.corner
    }).addTo(group);
    return marker;
  }
  function handles() {
    group.clearLayers();
    if (chosen === null || !shapes[chosen]) { return; }
    var view = map.getBounds().pad(0.05), count = 0;
    shapes[chosen].forEach(function (part) {
      part.forEach(function (ring) {
        ring.forEach(function (point, i) {
          if (!view.contains([point[1], point[0]]) || count >= MOST_HANDLES) { return; }
          count += 1;
          corner(point.slice());
          var next = ring[(i + 1) % ring.length];
          between(point.slice(), next.slice());
        });
      });
    });
  }
  function corner(point) {
    var marker = handle(point, false), shared = null;
    marker.on("dragstart", function () { keep(); shared = sharing(point); });
    marker.on("drag", function () {
      var at = marker.getLatLng();
      shared.forEach(function (one) { one.ring[one.index] = [at.lng, at.lat]; });
      shared.forEach(function (one) { paint(one.key); });
    });
    marker.on("dragend", function () { changed(shared.map(function (one) { return one.key; })); });
    marker.on("contextmenu dblclick", function () { remove(point); });
    marker.getElement().addEventListener("keydown", function (event) {
      var step = { ArrowUp: [0, -8], ArrowDown: [0, 8], ArrowLeft: [-8, 0], ArrowRight: [8, 0] }[event.key];
      if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); remove(point); return; }
      if (!step) { return; }
      event.preventDefault();
      event.stopPropagation();
      var to = map.containerPointToLatLng(map.latLngToContainerPoint(marker.getLatLng()).add(step));
      keep();
      var all = sharing(point);
      all.forEach(function (one) { one.ring[one.index] = [to.lng, to.lat]; });
      changed(all.map(function (one) { return one.key; }));
      focusAt(to);
    });
  }
  function focusAt(at) {
    group.eachLayer(function (one) {
      if (one.options.draggable && one.getLatLng().equals(at, 1e-7)) { one.getElement().focus(); }
    });
  }
  function between(a, b) {
    var middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    handle(middle, true).on("click", function () {
      keep();
      var keys = [];
      Object.keys(shapes).forEach(function (key) {
        shapes[key].forEach(function (part) {
          part.forEach(function (ring) {
            for (var i = 0; i < ring.length; i += 1) {
              var p = ring[i], q = ring[(i + 1) % ring.length];
              if ((same(p, a) && same(q, b)) || (same(p, b) && same(q, a))) {
                ring.splice(i + 1, 0, middle.slice());
                keys.push(key);
                break;
              }
            }
          });
        });
      });
      changed(keys);
    });
  }
  function remove(point) {
    var all = sharing(point);
    if (all.some(function (one) { return one.ring.length <= 3; })) { told.textContent = texts.too_few; return; }
    keep();
    all.forEach(function (one) {
      var at = one.ring.findIndex(function (p) { return same(p, point); });
      if (at >= 0) { one.ring.splice(at, 1); }
    });
    changed(all.map(function (one) { return one.key; }));
  }

  function choose(key, fly) {
    var before = chosen;
    chosen = key === null ? null : String(key);
    if (before !== null && layers[before]) { paint(before); }
    if (chosen !== null && layers[chosen]) {
      paint(chosen);
      if (fly) { map.fitBounds(layers[chosen].getBounds().pad(0.4), { animate: false }); }
    }
    if (chooser.value !== (chosen || "") && chosen !== "new") { chooser.value = chosen || ""; }
    handles();
    holder.dispatchEvent(new Event("painted"));
  }
  chooser.addEventListener("change", function () { choose(chooser.value || null, true); });
  map.on("moveend zoomend", handles);

  document.getElementById("back").addEventListener("click", function () {
    var step = steps.pop();
    if (!step) { return; }
    shapes = JSON.parse(step.shapes);
    touched = JSON.parse(step.touched);
    Object.keys(layers).forEach(function (key) { if (!shapes[key]) { map.removeLayer(layers[key]); delete layers[key]; } });
    if (chosen !== null && !shapes[chosen]) { chosen = null; }
    Object.keys(shapes).forEach(paint);
    tell();
    handles();
    holder.dispatchEvent(new Event("painted"));
  });

  /* A new grid: corners are clicked one after the other. */
  var start = document.getElementById("draw"), end = document.getElementById("drawn"), line = null;
  start.addEventListener("click", function () {
    drawing = [];
    choose(null, false);
    line = L.polyline([], { color: "#b3001b", weight: 3, dashArray: "6 6" }).addTo(map);
    start.hidden = true;
    end.hidden = false;
    told.textContent = texts.drawing;
  });
  map.on("click", function (event) {
    if (!drawing) { return; }
    drawing.push([event.latlng.lng, event.latlng.lat]);
    line.addLatLng(event.latlng);
  });
  end.addEventListener("click", function () {
    var ring = drawing;
    drawing = null;
    map.removeLayer(line);
    start.hidden = false;
    end.hidden = true;
    if (ring.length < 3) { told.textContent = texts.too_few; return; }
    keep();
    shapes["new"] = [[ring]];
    changed(["new"]);
    choose("new", false);
  });

  form.addEventListener("submit", function () {
    var sent = {};
    Object.keys(touched).forEach(function (key) { if (shapes[key]) { sent[key] = closed(shapes[key]); } });
    field.value = JSON.stringify(sent);
  });
  window.gridEditor = {
    map: map, layers: layers, choose: choose,
    shapes: function () { return shapes; }, chosen: function () { return chosen; }
  };
  var first = picture.chosen && shapes[picture.chosen] ? picture.chosen : Object.keys(touched)[0];
  if (first) { choose(first, true); }
  tell();
}());
