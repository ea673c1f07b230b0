/* An empty map of the grids and known places: a click on it fills in the point of the form. */
(function () {
  "use strict";
  var holder = document.getElementById("map");
  if (!holder || !window.L) { return; }
  var picture = JSON.parse(document.getElementById(holder.dataset.picture).textContent);
  var texts = JSON.parse(document.getElementById("texts").textContent);
  var pair = document.getElementById("pair");
  var datum = document.getElementById("datum");

  var map = L.map(holder, { zoomControl: false, zoomSnap: 0.25, attributionControl: false, maxZoom: 19 });
  L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
  var Scale = L.Control.Scale.extend({
    _updateMetric: function (most) {
      var metres = this._getRoundNum(most);
      var label = metres < 1000 ? metres + " " + texts.metre : metres / 1000 + " " + texts.kilometre;
      this._updateScale(this._mScale, label, metres / most);
    }
  });
  new Scale({ imperial: false, maxWidth: 120 }).addTo(map);

  /* The view comes first: layers are drawn only on a map that has one. */
  function bounds(grids) {
    return grids.reduce(function (whole, grid) { return whole.extend(L.latLngBounds(grid.ring)); }, L.latLngBounds([]));
  }
  var near = picture.grids.filter(function (grid) { return grid.here; });
  var far = picture.grids.filter(function (grid) { return !grid.here; });
  if (picture.point) { map.setView(picture.point, 15); } else if (picture.grids.length) {
    map.fitBounds(bounds(near.length ? near : far), { animate: false });
  } else { map.setView([35, 105], 4); }

  far.concat(near).forEach(function (grid) {
    L.polygon(grid.ring, { color: grid.here ? "#50565e" : "#c9ced6", weight: grid.here ? 2 : 1, fillColor: grid.here ? "#f5f6f8" : "#ffffff", fillOpacity: 1, interactive: false }).addTo(map);
  });

  /* Names are text nodes, never markup; those that would cover another one wait for a closer look. */
  var names = L.layerGroup().addTo(map);
  function label(place) {
    var box = document.createElement("span");
    box.textContent = place.name;
    return L.divIcon({ className: "named", html: box, iconSize: null, iconAnchor: [-6, 10] });
  }
  function showNames() {
    var taken = [];
    names.clearLayers();
    picture.places.forEach(function (place) {
      var at = map.latLngToContainerPoint(place.at);
      var box = { left: at.x - 4, right: at.x + 14 + 14 * place.name.length, top: at.y - 10, bottom: at.y + 10 };
      L.circleMarker(place.at, { radius: 3, weight: 0, fillColor: "#50565e", fillOpacity: 1, interactive: false }).addTo(names);
      var covered = taken.some(function (one) { return box.left < one.right && one.left < box.right && box.top < one.bottom && one.top < box.bottom; });
      if (covered) { return; }
      taken.push(box);
      L.marker(place.at, { icon: label(place), interactive: false, keyboard: false }).addTo(names);
    });
  }

  var point = null;
  function put(at) {
    if (!point) {
      point = L.marker(at, { icon: L.divIcon({ className: "pin line-1", html: "", iconSize: [20, 20] }), title: texts.point, keyboard: false, interactive: false });
      point.addTo(map);
      point.getElement().setAttribute("role", "img");
      point.getElement().setAttribute("aria-label", texts.point);
    }
    point.setLatLng(at);
  }
  /* The even-odd rule: how often a line to the east leaves the ring. */
  function holds(ring, at) {
    return ring.reduce(function (inside, one, i) {
      var last = ring[(i || ring.length) - 1];
      var crosses = (one[0] > at.lat) !== (last[0] > at.lat) &&
        at.lng < (last[1] - one[1]) * (at.lat - one[0]) / (last[0] - one[0]) + one[1];
      return crosses ? !inside : inside;
    }, false);
  }
  var elsewhere = document.getElementById("elsewhere");
  function warn(at) {
    var found = picture.grids.filter(function (grid) { return holds(grid.ring, at); })[0];
    elsewhere.hidden = !found || found.here;
    elsewhere.textContent = elsewhere.hidden ? "" : texts.elsewhere.replace("{grid}", found.name);
  }
  map.on("click", function (event) {
    var at = event.latlng.wrap();
    warn(at);
    pair.value = at.lng.toFixed(6) + "," + at.lat.toFixed(6);
    datum.value = "wgs84";
    put(at);
  });

  if (picture.point) {
    put(picture.point);
    if (picture.error_m) { L.circle(picture.point, { radius: picture.error_m, color: "#b3001b", weight: 1, fillOpacity: 0.08, interactive: false }).addTo(map); }
  }
  map.on("zoomend moveend", showNames);
  showNames();
}());
