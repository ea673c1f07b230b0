/* Draws one's own track: the grid's outline and a line for each stretch. */
(function () {
  "use strict";
  var holder = document.getElementById("map");
  var source = document.getElementById("track-picture");
  if (!holder || !source || !window.L) { return; }
  var picture = JSON.parse(source.textContent);
  var texts = JSON.parse(document.getElementById("track-map-texts").textContent);
  var map = L.map(holder, { zoomControl: false, attributionControl: false, scrollWheelZoom: false });
  L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
  var corners = [];
  picture.lines.forEach(function (line) { corners = corners.concat(line); });
  map.fitBounds(L.latLngBounds(corners), { padding: [24, 24], maxZoom: 17, animate: false });
  picture.outline.forEach(function (ring) {
    L.polygon(ring, { color: "#6b7280", weight: 2, fillColor: "#f5f6f8", fillOpacity: 1, interactive: false }).addTo(map);
  });
  picture.lines.forEach(function (line) {
    L.polyline(line, { color: "#b3001b", weight: 5, interactive: false }).addTo(map);
    line.forEach(function (at) { L.circleMarker(at, { radius: 4, color: "#b3001b", fillColor: "#fff", fillOpacity: 1, weight: 2, interactive: false }).addTo(map); });
  });
}());
