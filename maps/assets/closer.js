// Hexagons and single firms, drawn on one canvas when the reader zooms in. Nothing but numbers
// arrives here: the page around the map sends them, and is told what was touched.
const mapCloser = (() => {
  const EARTH_M = 111320;
  const WIDE = 2 ** 22;
  const REACH = 9;
  const THIN = 3;
  const INK = "#50565e";
  const PAPER = "#ffffff";
  const LATELY = 0, BEFORE = 1;

  // The block of maps.closer.packed_firms; each column starts where its numbers are aligned.
  function unpack(buffer) {
    const n = new DataView(buffer).getUint32(0, true);
    return {
      n,
      lon: new Int32Array(buffer, 4, n),
      lat: new Int32Array(buffer, 4 + 4 * n, n),
      key: new Uint32Array(buffer, 4 + 8 * n, n),
      employees: new Uint16Array(buffer, 4 + 12 * n, n),
      kind: new Uint8Array(buffer, 4 + 14 * n, n),
      visits: new Uint8Array(buffer, 4 + 15 * n, n),
    };
  }

  function place(firms) {
    firms.x = new Float64Array(firms.n);
    firms.y = new Float64Array(firms.n);
    for (let at = 0; at < firms.n; at += 1) {
      const sine = Math.sin((firms.lat[at] / 1e5) * Math.PI / 180);
      firms.x[at] = (firms.lon[at] / 1e5 + 180) / 360 * 256;
      firms.y[at] = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
    }
    return firms;
  }

  const counts = {
    one: () => 1,
    covered: (firms, at) => (firms.kind[at] % 3 === LATELY ? 1 : 0),
    overdue: (firms, at) => (firms.kind[at] % 3 === BEFORE ? 1 : 0),
    target: (firms, at) => (firms.kind[at] < 3 ? 1 : 0),
    should: (firms, at) => (firms.kind[at] < 3 || (firms.kind[at] >= 6 && firms.kind[at] < 9) ? 1 : 0),
    employees: (firms, at) => (firms.kind[at] < 3 ? firms.employees[at] : 0),
    visits: (firms, at) => firms.visits[at],
  };

  // Hexagons that stand on a corner, in metres from a fixed place, so that they never move.
  function binned(firms, side, cells) {
    const found = new Map();
    const wide = EARTH_M * Math.cos((firms.n ? firms.lat[0] / 1e5 : 0) * Math.PI / 180);
    const part = counts[cells.part];
    const whole = cells.whole ? counts[cells.whole] : null;
    const third = Math.sqrt(3) / 3;
    const at = (lon, lat) => {
      const east = lon * wide;
      const north = lat * EARTH_M;
      const q = (third * east - north / 3) / side;
      const r = (2 / 3 * north) / side;
      let a = Math.round(q);
      let b = Math.round(r);
      const c = Math.round(-q - r);
      const da = Math.abs(a - q);
      const db = Math.abs(b - r);
      const dc = Math.abs(c + q + r);
      if (da >= db && da >= dc) { a = -b - c; } else if (db >= dc) { b = -a - c; }
      return a * WIDE + b;
    };
    for (let i = 0; i < firms.n; i += 1) {
      const name = at(firms.lon[i] / 1e5, firms.lat[i] / 1e5);
      let cell = found.get(name);
      if (!cell) {
        const r = name - Math.round(name / WIDE) * WIDE;
        cell = { q: (name - r) / WIDE, r, part: 0, whole: 0 };
        found.set(name, cell);
      }
      cell.part += part(firms, i);
      cell.whole += whole ? whole(firms, i) : 1;
    }
    found.forEach((cell) => {
      const x = side * Math.sqrt(3) * (cell.q + cell.r / 2);
      const y = side * 1.5 * cell.r;
      cell.corners = [30, 90, 150, 210, 270, 330].map((turn) => {
        const angle = turn * Math.PI / 180;
        return L.latLng((y + side * Math.sin(angle)) / EARTH_M, (x + side * Math.cos(angle)) / wide);
      });
      cell.middle = L.latLng(y / EARTH_M, x / wide);
    });
    return found;
  }

  function level(cell, cells) {
    if (cells.whole && !cell.whole) { return -1; }
    const value = cells.whole ? cell.part / cell.whole * cells.factor : cell.part * cells.factor;
    return cells.limits.filter((limit) => value + 5e-10 >= limit).length;
  }

  function pattern(colour, lined) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 7;
    const context = tile.getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, 7, 7);
    context.strokeStyle = INK;
    context.lineWidth = 1.4;
    context.beginPath();
    (lined ? [[0, 1, 7, 1]] : [[-1, 8, 8, -1], [-4, 4, 4, -4], [3, 11, 11, 3]]).forEach(([a, b, c, d]) => { context.moveTo(a, b); context.lineTo(c, d); });
    context.stroke();
    return context.createPattern(tile, "repeat");
  }

  // The picture of a firm as pixels: 0xAABBGGRR each, as every machine of today keeps them.
  function stampOf(style, ratio) {
    const side = 2 * Math.ceil((style.radius + 1) * ratio);
    const box = document.createElement("canvas");
    box.width = box.height = side;
    const context = box.getContext("2d");
    context.scale(ratio, ratio);
    context.beginPath();
    context.arc(side / ratio / 2, side / ratio / 2, style.radius - (style.filled ? 0 : 1), 0, 2 * Math.PI);
    context.fillStyle = style.filled ? style.colour : PAPER;
    context.fill();
    context.lineWidth = style.filled ? 1 : 2.2;
    context.strokeStyle = style.filled ? PAPER : style.colour;
    context.stroke();
    return { side, pixels: new Uint32Array(context.getImageData(0, 0, side, side).data.buffer) };
  }

  // One colour over another, neither multiplied by its alpha (Porter and Duff, "over", 1984).
  function over(upper, lower) {
    const alpha = upper >>> 24;
    const below = ((lower >>> 24) * (255 - alpha)) / 255;
    const all = alpha + below;
    const mix = (shift) => Math.round((((upper >>> shift) & 255) * alpha + ((lower >>> shift) & 255) * below) / all) << shift;
    return ((Math.round(all) << 24) | mix(16) | mix(8) | mix(0)) >>> 0;
  }

  // Ten thousand stamps take some milliseconds; as pictures on the canvas they took hundreds.
  function press(paper, stamp, left, top) {
    const { side, pixels } = stamp;
    for (let y = Math.max(0, -top); y < side && top + y < paper.height; y += 1) {
      const row = (top + y) * paper.width + left;
      for (let x = Math.max(0, -left); x < side && left + x < paper.width; x += 1) {
        const upper = pixels[y * side + x];
        const alpha = upper >>> 24;
        if (alpha === 255) { paper.pixels[row + x] = upper; }
        else if (alpha) { paper.pixels[row + x] = paper.pixels[row + x] >>> 24 ? over(upper, paper.pixels[row + x]) : upper; }
      }
    }
  }

  const tell = (message) => { if (window.parent !== window) { window.parent.postMessage(message, "*"); } };

  // The state in the address of this document: #at=lat,lon,zoom&grid=key&firm=key, numbers only.
  function wanted() {
    const said = new URLSearchParams(window.location.hash.slice(1));
    const at = (said.get("at") || "").split(",").map(Number);
    const whole = (name) => (/^\d{1,10}$/.test(said.get(name) || "") ? Number(said.get(name)) : 0);
    return { at: at.length === 3 && at.every(Number.isFinite) ? at : null, grid: whole("grid"), firm: whole("firm") };
  }

  function start(map, options) {
    map.createPane("closer").style.zIndex = 450;
    map.getPane("closer").style.pointerEvents = "none";
    map.createPane("chosen").style.zIndex = 460;
    map.getPane("chosen").style.pointerEvents = "none";
    const state = { firms: null, asked: false, bins: new Map(), chosen: wanted(), outline: null, touched: 0, ready: false, told: false };
    const lines = L.svg({ pane: "chosen", padding: 0.5 });
    const stamps = new Map();
    const fills = new Map();

    const fitted = map.getZoom();
    const cellsFrom = Math.max(options.cellsFrom, fitted + 0.75);
    const firmsFrom = Math.max(options.firmsFrom, fitted + 2);
    const tier = () => {
      const zoom = map.getZoom();
      if (options.firmsOnly || zoom >= firmsFrom) { return "firms"; }
      return options.cells && zoom >= cellsFrom ? "cells" : "grids";
    };

    const Shown = L.Canvas.extend({
      _update() {
        if (this._map._animatingZoom && this._bounds) { return; }
        L.Canvas.prototype._update.call(this);
        paint(this._ctx, this._bounds);
      },
    });
    const shown = new Shown({ pane: "closer", padding: 0.2 });

    function paint(context, bounds) {
      const now = tier();
      ["grids", "cells", "firms"].forEach((one) => document.body.classList.toggle(`at-${one}`, one === now && (one === "grids" || state.firms !== null)));
      if (now === "grids" || state.firms === null) {
        if (now !== "grids" && !state.asked) { state.asked = true; tell({ kind: "firms wanted" }); }
        return;
      }
      if (now === "cells") { paintCells(context, bounds); } else { paintFirms(context, bounds); }
      if (!state.told) {
        state.told = true;
        window.requestAnimationFrame(() => window.requestAnimationFrame(() => { performance.mark("closer-drawn"); tell({ kind: "drawn", tier: now }); }));
      }
    }

    const side = () => (map.getZoom() < 12 ? 1000 : 500);
    const bins = () => {
      if (!state.bins.has(side())) { state.bins.set(side(), binned(state.firms, side(), options.cells)); }
      return state.bins.get(side());
    };

    function paintCells(context, bounds) {
      const cells = options.cells;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.font = '12px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif';
      bins().forEach((cell) => {
        const at = level(cell, cells);
        const middle = map.latLngToLayerPoint(cell.middle);
        if (at < 0 || !bounds.contains(middle)) { return; }
        const few = cell.whole < cells.few;
        const name = `${at} ${few}`;
        if (!fills.has(name)) {
          fills.set(name, few || cells.lined[at] ? pattern(cells.colours[at], !few) : cells.colours[at]);
        }
        const corners = cell.corners.map((one) => map.latLngToLayerPoint(one));
        context.beginPath();
        corners.forEach((one, i) => { if (i) { context.lineTo(one.x, one.y); } else { context.moveTo(one.x, one.y); } });
        context.closePath();
        context.globalAlpha = 0.92;
        context.fillStyle = fills.get(name);
        context.fill();
        context.globalAlpha = 1;
        context.strokeStyle = INK;
        context.lineWidth = 0.5;
        context.stroke();
        const label = cells.whole ? `${cell.part}/${cell.whole}` : `${cell.part}`;
        if (corners[0].x - corners[2].x > 8 * label.length + 8) {
          context.strokeStyle = PAPER;
          context.lineWidth = 3;
          context.strokeText(label, middle.x, middle.y);
          context.fillStyle = "#1a1d21";
          context.fillText(label, middle.x, middle.y);
        }
      });
    }

    function paintFirms(context, bounds) {
      const firms = state.firms;
      const scale = 2 ** map.getZoom();
      const origin = map.getPixelOrigin();
      const ratio = L.Browser.retina ? 2 : 1;
      const [left, top] = [bounds.min.x - REACH, bounds.min.y - REACH];
      const [width, height] = [bounds.max.x + REACH - left, bounds.max.y + REACH - top];
      const columns = Math.ceil(width / THIN) + 1;
      const taken = new Uint16Array(columns * (Math.ceil(height / THIN) + 1));
      const order = options.styles.map(() => []);
      // Of firms that lie on the same few pixels one of each kind is drawn.
      for (let at = 0; at < firms.n; at += 1) {
        const x = firms.x[at] * scale - origin.x - left;
        const y = firms.y[at] * scale - origin.y - top;
        if (x < 0 || y < 0 || x >= width || y >= height) { continue; }
        const spot = Math.floor(y / THIN) * columns + Math.floor(x / THIN);
        const bit = 1 << firms.kind[at];
        if (taken[spot] & bit) { continue; }
        taken[spot] |= bit;
        order[firms.kind[at]].push(x, y);
      }
      const image = context.createImageData(context.canvas.width, context.canvas.height);
      const paper = { width: image.width, height: image.height, pixels: new Uint32Array(image.data.buffer) };
      const drawn = options.styles.map((style, kind) => [style.radius, kind]).sort((a, b) => a[0] - b[0]);
      drawn.forEach(([, kind]) => {
        const style = options.styles[kind];
        const name = `${style.colour}${style.filled}${style.radius}`;
        if (!stamps.has(name)) { stamps.set(name, stampOf(style, ratio)); }
        const stamp = stamps.get(name);
        const spots = order[kind];
        for (let i = 0; i < spots.length; i += 2) {
          const [x, y] = [(spots[i] - REACH) * ratio, (spots[i + 1] - REACH) * ratio];
          press(paper, stamp, Math.round(x) - stamp.side / 2, Math.round(y) - stamp.side / 2);
        }
      });
      context.putImageData(image, 0, 0);
    }

    function nearest(point) {
      const firms = state.firms;
      const scale = 2 ** map.getZoom();
      const origin = map.getPixelOrigin();
      let [best, found] = [REACH * REACH, -1];
      for (let at = 0; at < firms.n; at += 1) {
        const dx = firms.x[at] * scale - origin.x - point.x;
        const dy = firms.y[at] * scale - origin.y - point.y;
        const far = dx * dx + dy * dy;
        if (far <= best) { [best, found] = [far, at]; }
      }
      return found;
    }

    function choose(grid, firm) {
      if (state.outline) { state.outline.remove(); }
      state.outline = L.layerGroup().addTo(map);
      const area = mapPage.known.get(grid);
      if (area) {
        ["chosen-seam", "chosen"].forEach((className) => {
          L.geoJSON(area.toGeoJSON(), { pane: "chosen", interactive: false, renderer: lines, style: { fill: false, className } }).addTo(state.outline);
        });
      }
      if (firm && state.firms) {
        const at = state.firms.key.indexOf(firm);
        if (at >= 0) {
          L.circleMarker([state.firms.lat[at] / 1e5, state.firms.lon[at] / 1e5], { pane: "chosen", interactive: false, radius: 11, fill: false, className: "chosen", renderer: lines }).addTo(state.outline);
        }
      }
      state.chosen = { at: state.chosen.at, grid, firm };
    }

    // A grid with a rim of its neighbours.
    function lookAt(grid) {
      const area = mapPage.known.get(grid);
      if (!area) { return; }
      map.fire("viewchosen");
      map.fitBounds(area.getBounds().pad(0.15), { animate: false });
    }

    function receive(event) {
      if (event.source !== window.parent) { return; }
      const said = event.data || {};
      if (said.kind === "hello") {
        // Whichever of the two was there first, the other one hears what it missed.
        if (state.ready) { tell({ kind: "ready", tier: tier() }); }
        if (state.asked && state.firms === null) { tell({ kind: "firms wanted" }); }
      } else if (said.kind === "firms" && said.block instanceof ArrayBuffer) {
        state.firms = place(unpack(said.block));
        shown._update();
        choose(state.chosen.grid, state.chosen.firm);
      } else if (said.kind === "choose" && Number.isInteger(said.grid) && Number.isInteger(said.firm)) {
        choose(said.grid, said.firm);
        if (said.show) { lookAt(said.grid); }
      }
    }

    window.addEventListener("message", receive);
    mapPage.known.forEach((area, key) => area.on("click", () => { state.touched = key; }));
    map.on("click", (event) => {
      const grid = state.touched;
      state.touched = 0;
      if (state.firms && tier() === "firms") {
        const at = nearest(map.latLngToLayerPoint(event.latlng));
        if (at >= 0) { tell({ kind: "firm", firm: state.firms.key[at] }); return; }
      }
      if (grid) { tell({ kind: "grid", grid }); }
    });
    map.on("moveend", () => {
      const at = map.getCenter();
      tell({ kind: "view", at: [Number(at.lat.toFixed(5)), Number(at.lng.toFixed(5)), map.getZoom()], tier: tier() });
    });
    if (state.chosen.at) {
      map.fire("viewchosen");
      map.setView([state.chosen.at[0], state.chosen.at[1]], state.chosen.at[2], { animate: false });
    } else if (state.chosen.grid) {
      lookAt(state.chosen.grid);
    }
    if (options.firmsOnly) { document.body.classList.add("at-firms"); }
    shown.addTo(map);
    choose(state.chosen.grid, state.chosen.firm);
    window.requestAnimationFrame(() => window.requestAnimationFrame(() => { state.ready = true; performance.mark("map-drawn"); tell({ kind: "ready", tier: tier() }); }));
  }

  return { start };
})();
