/* The editor's map: the grids' names with how many firms each has, and the firms as dots. */
(function () {
  "use strict";
  var editor = window.gridEditor, holder = document.getElementById("map");
  if (!editor) { return; }
  var map = editor.map;
  var picture = JSON.parse(document.getElementById("picture").textContent);
  var MOST_DOTS = 3000;

  /* Neither takes a click: what lies below is drawn on. */
  function pane(name, height) {
    var made = map.createPane(name);
    made.style.zIndex = height;
    made.style.pointerEvents = "none";
  }
  pane("firms", 450);
  pane("names", 460);

  var canvas = L.canvas({ pane: "firms", padding: 0.1 });
  var dots = L.layerGroup().addTo(map);
  function dot() {
    var view = map.getBounds();
    var seen = picture.firms.filter(function (one) { return view.contains([one[1], one[0]]); });
    var small = map.getZoom() < 12 ? 1.5 : 2.5;
    dots.clearLayers();
    if (seen.length > MOST_DOTS) { return; }
    seen.forEach(function (one) {
      L.circleMarker([one[1], one[0]], { renderer: canvas, pane: "firms", radius: small, stroke: false, fillColor: "#50565e", fillOpacity: 0.8, interactive: false }).addTo(dots);
    });
  }

  var names = {};
  picture.grids.forEach(function (grid) {
    var box = document.createElement("span"), name = document.createElement("b"), told = document.createElement("small");
    name.textContent = grid.name;
    told.textContent = grid.told;
    box.append(name, told);
    names[grid.id] = L.marker([0, 0], { icon: L.divIcon({ className: "grid-name", html: box, iconSize: null }), pane: "names", interactive: false, keyboard: false });
  });
  /* The chosen grid's name first, then the widest grids'; a name that would cover another waits. */
  function name() {
    var taken = [], view = map.getBounds(), chosen = editor.chosen();
    var order = Object.keys(names).filter(function (key) { return editor.layers[key]; }).map(function (key) {
      var box = editor.layers[key].getBounds();
      var one = map.latLngToLayerPoint(box.getSouthWest()), other = map.latLngToLayerPoint(box.getNorthEast());
      return { key: key, wide: key === chosen ? Infinity : other.x - one.x, at: editor.layers[key].getCenter() };
    }).sort(function (a, b) { return b.wide - a.wide; });
    Object.keys(names).forEach(function (key) { names[key].remove(); });
    order.forEach(function (one) {
      if (!view.contains(one.at)) { return; }
      names[one.key].setLatLng(one.at).addTo(map);
      var box = names[one.key].getElement().firstChild.getBoundingClientRect();
      var covers = taken.some(function (other) {
        return box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top;
      });
      if (covers || box.width > one.wide * 2) { names[one.key].remove(); } else { taken.push(box); }
    });
  }
  holder.addEventListener("painted", name);
  map.on("moveend zoomend", function () { dot(); name(); });
  dot();
  name();
}());
