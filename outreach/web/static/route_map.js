/* Draws the routes of a day or a week: office, numbered stops in order, their ways: along roads, or straight dashes. */
(function () {
  "use strict";
  var holder = document.getElementById("map");
  if (!holder || !window.L) { return; }
  var picture = JSON.parse(document.getElementById(holder.dataset.picture).textContent);
  var texts = JSON.parse(document.getElementById("texts").textContent);
  var PIN = 36;
  var COLOURS = ["#b3001b", "#1f4e8c", "#1b7f4d", "#8c510a", "#6a3d9a", "#01665e", "#1a1d21"];

  var map = L.map(holder, { zoomControl: false, zoomSnap: 0.25, attributionControl: false, scrollWheelZoom: holder.dataset.wheel === "yes" });
  L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
  var Scale = L.Control.Scale.extend({
    _updateMetric: function (most) {
      var metres = this._getRoundNum(most);
      var label = metres < 1000 ? metres + " " + texts.metre : metres / 1000 + " " + texts.kilometre;
      this._updateScale(this._mScale, label, metres / most);
    }
  });
  new Scale({ imperial: false, maxWidth: 120 }).addTo(map);

  var routes = picture.routes || [{ stops: picture.stops, legs: picture.legs, line: 0 }];
  var corners = [picture.office];
  routes.forEach(function (route) {
    route.stops.forEach(function (stop) { corners.push(stop.at); });
    (route.legs || []).forEach(function (leg) { leg.at.forEach(function (point) { corners.push(point); }); });
  });
  /* Room for the pins, and at the left for the buttons. */
  var ROOM = { paddingTopLeft: [PIN + 52, PIN], paddingBottomRight: [PIN, PIN], maxZoom: 16, animate: false };
  map.fitBounds(L.latLngBounds(corners), ROOM);

  picture.outline.forEach(function (ring) {
    L.polygon(ring, { color: "#6b7280", weight: 2, fill: true, fillColor: "#f5f6f8", fillOpacity: 1, interactive: false }).addTo(map);
  });

  routes.forEach(function (route) {
    var line = [picture.office].concat(route.stops.map(function (stop) { return stop.at; }));
    var legs = route.legs && route.legs.length ? route.legs : [{ at: line, road: false }];
    legs.forEach(function (leg) {
      L.polyline(leg.at, { color: COLOURS[route.line % COLOURS.length], weight: 4, dashArray: leg.road ? null : "8 8", interactive: false }).addTo(map);
    });
  });

  function icon(className, text) {
    return L.divIcon({ className: "pin " + className, html: text, iconSize: [PIN, PIN] });
  }

  var office = L.marker(picture.office, { icon: icon("office", "●"), title: texts.office, keyboard: false, zIndexOffset: -100 });
  office.addTo(map);

  var pins = [];
  routes.forEach(function (route) {
    route.stops.forEach(function (stop) {
      var kind = (stop.done ? "done " : "") + (stop.id === picture.chosen ? "chosen " : "") + (picture.routes ? "line-" + (route.line % 7 + 1) : "");
      var marker = L.marker(stop.at, { icon: icon(kind, String(stop.number)), title: stop.number + " " + stop.name, riseOnHover: true, zIndexOffset: stop.id === picture.chosen ? 500 : 0 });
      marker.on("click", function () {
        var row = document.querySelector('[data-stop="' + stop.id + '"]');
        if (row && row.href) { row.click(); } else if (row) { row.scrollIntoView({ block: "center" }); row.focus(); }
      });
      marker.addTo(map);
      marker.getElement().setAttribute("aria-label", stop.number + " " + stop.name);
      var leg = L.polyline([stop.at, stop.at], { color: "#1a1d21", weight: 1, interactive: false }).addTo(map);
      pins.push({ marker: marker, leg: leg, at: L.latLng(stop.at), ids: (stop.ids || [stop.id]).map(String) });
    });
  });

  /* What was saved on the phone is done on the map, too; the stop on the card is the chosen one. */
  function isDone(id) {
    var row = document.querySelector('.stops [data-stop="' + id + '"]');
    return Boolean(row) && Boolean(row.dataset.saved || row.querySelector(".number.done"));
  }
  document.addEventListener("outreach:marked", function () {
    pins.forEach(function (pin) { if (pin.ids.every(isDone)) { pin.marker.getElement().classList.add("done"); } });
  });
  document.addEventListener("outreach:chosen", function (event) {
    pins.forEach(function (pin) {
      var chosen = pin.ids.indexOf(String(event.detail)) >= 0;
      pin.marker.getElement().classList.toggle("chosen", chosen);
      pin.marker.setZIndexOffset(chosen ? 500 : 0);
    });
  });

  /* Stops in one building would hide each other: pins that touch push each other apart, and a thin
     line leads back to the true place. */
  function spread() {
    var places = pins.map(function (pin, index) {
      var at = map.latLngToLayerPoint(pin.at);
      var turn = index * 2.39996;
      return { x: at.x + 0.5 * Math.cos(turn), y: at.y + 0.5 * Math.sin(turn) };
    });
    places.push(map.latLngToLayerPoint(office.getLatLng()));
    var fixed = places.length - 1;
    for (var round = 0; round < 200; round += 1) {
      var moved = false;
      for (var i = 0; i < places.length; i += 1) {
        for (var j = i + 1; j < places.length; j += 1) {
          var dx = places[j].x - places[i].x;
          var dy = places[j].y - places[i].y;
          var apart = Math.hypot(dx, dy) || 0.01;
          if (apart < PIN + 1) {
            var push = (PIN + 2 - apart) / 2;
            var px = dx / apart * push;
            var py = dy / apart * push;
            if (j === fixed) { places[i].x -= 2 * px; places[i].y -= 2 * py; } else {
              places[i].x -= px; places[i].y -= py; places[j].x += px; places[j].y += py;
            }
            moved = true;
          }
        }
      }
      if (!moved) { break; }
    }
    pins.forEach(function (pin, index) {
      var at = map.layerPointToLatLng(L.point(places[index].x, places[index].y));
      pin.marker.setLatLng(at);
      pin.leg.setLatLngs([pin.at, at]);
    });
  }

  /* All pins in view: where many push each other outwards, the map shows a little more. */
  function whole() {
    map.fitBounds(L.latLngBounds(corners), ROOM);
    for (var round = 0; round < 6; round += 1) {
      spread();
      var shown = L.latLngBounds(pins.map(function (pin) { return pin.marker.getLatLng(); })).extend(picture.office);
      var low = map.latLngToContainerPoint(shown.getSouthWest());
      var high = map.latLngToContainerPoint(shown.getNorthEast());
      var size = map.getSize();
      if (low.x > 78 && high.y > PIN / 2 && high.x < size.x - PIN / 2 && low.y < size.y - PIN / 2) { return; }
      map.setZoom(map.getZoom() - 0.25, { animate: false });
    }
  }
  map.on("zoomend", spread);
  whole();
  var box = holder.closest("details");
  if (box) { box.addEventListener("toggle", function () { if (box.open) { map.invalidateSize(); whole(); } }); }
  /* While the visit form covers the page the map has no size. */
  window.addEventListener("resize", function () { if (holder.clientWidth) { map.invalidateSize(); whole(); } });
}());
