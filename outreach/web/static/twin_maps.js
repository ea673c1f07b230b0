/* Two maps of one district that move together: what each of two versions visits. */
(function () {
  "use strict";
  var picture = JSON.parse(document.getElementById("picture").textContent);
  var texts = JSON.parse(document.getElementById("texts").textContent);
  /* Shape and size tell the states apart where colours do not. */
  var STYLES = {
    0: { radius: 4, color: "#6b7280", weight: 1, fill: false },
    1: { radius: 3, color: "#4f7fb5", weight: 1, fill: true, fillColor: "#8fadd0", fillOpacity: 1 },
    2: { radius: 5, color: "#8c510a", weight: 2, fill: true, fillColor: "#d8b365", fillOpacity: 1 },
    4: { radius: 2, color: "#b3001b", weight: 1, fill: true, fillColor: "#b3001b", fillOpacity: 1 },
    3: { radius: 6, color: "#b3001b", weight: 2, fill: true, fillColor: "#b3001b", fillOpacity: 1 }
  };
  var corners = [];
  picture.outlines.forEach(function (rings) { rings.forEach(function (ring) { ring.forEach(function (at) { corners.push(at); }); }); });
  picture.points.forEach(function (point) { corners.push([point[0], point[1]]); });
  var Scale = L.Control.Scale.extend({
    _updateMetric: function (most) {
      var metres = this._getRoundNum(most);
      var label = metres < 1000 ? metres + " " + texts.metre : metres / 1000 + " " + texts.kilometre;
      this._updateScale(this._mScale, label, metres / most);
    }
  });

  var maps = Array.prototype.map.call(document.querySelectorAll(".twin"), function (holder) {
    var map = L.map(holder, { preferCanvas: true, zoomControl: false, zoomSnap: 0.25, attributionControl: false });
    L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
    new Scale({ imperial: false, maxWidth: 120 }).addTo(map);
    picture[holder.dataset.outlines || "outlines"].forEach(function (rings, index) {
      var changed = (picture.changed || []).indexOf(index) >= 0;
      L.polygon(rings, { color: changed ? "#1a1d21" : "#8a929c", weight: 1, fill: true, fillColor: changed ? "#c6d4e6" : "#ffffff", fillOpacity: 1, interactive: false }).addTo(map);
    });
    var side = Number(holder.dataset.side);
    picture.points.slice().sort(function (a, b) { return a[side] - b[side]; }).forEach(function (point) {
      L.circleMarker([point[0], point[1]], Object.assign({ interactive: false }, STYLES[point[side]])).addTo(map);
    });
    if (corners.length) { map.fitBounds(L.latLngBounds(corners), { padding: [8, 8], animate: false }); } else { map.setView([25, 115], 10); }
    return map;
  });

  var leading = null;
  maps.forEach(function (map, index) {
    map.on("move zoom", function () {
      if (leading !== null && leading !== map) { return; }
      leading = map;
      maps[1 - index].setView(map.getCenter(), map.getZoom(), { animate: false });
      leading = null;
    });
  });
}());
