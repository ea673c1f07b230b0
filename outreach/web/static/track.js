/* The patrol track: the worker's own, only between her "start" and "end", seen while it runs.

   What was not sent yet lives in this tab alone (sessionStorage) and ends with it. */
(function () {
  "use strict";
  var strip = document.getElementById("track");
  if (!strip) { return; }
  var texts = JSON.parse(document.getElementById("track-texts").textContent);
  var key = "track:" + strip.dataset.account;
  var say = strip.querySelector("[data-say]");
  var problem = document.getElementById("track-problem");
  var start = document.querySelector("[data-track=start]");
  var EVERY_MS = 15000;
  var SEND_MS = 30000;
  var MOST = 200;
  var LONGEST_MS = 12 * 3600 * 1000;
  var watching = null;
  var sending = false;
  var state = read();

  function read() {
    var kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(key)); } catch (error) { kept = null; }
    return kept && kept.mode && kept.pieces ? kept : { mode: "off", pieces: [] };
  }
  function keep() {
    try {
      if (state.mode === "off" && !state.pieces.length) { sessionStorage.removeItem(key); } else { sessionStorage.setItem(key, JSON.stringify(state)); }
    } catch (error) { /* no storage: the track lasts as long as this page */ }
  }
  function newUuid() {
    if (window.crypto && crypto.randomUUID) { return crypto.randomUUID(); }
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.prototype.map.call(bytes, function (byte) { return (byte + 256).toString(16).slice(1); }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
  function able() { return window.isSecureContext && navigator.geolocation && window.fetch; }
  function current() { return state.pieces[state.pieces.length - 1]; }

  function show(text) {
    strip.hidden = state.mode === "off" && !text;
    say.textContent = text || { running: texts.running, paused: texts.paused, off: "" }[state.mode];
    strip.classList.toggle("on", state.mode === "running");
    strip.querySelector("[data-track=pause]").hidden = state.mode !== "running";
    strip.querySelector("[data-track=resume]").hidden = state.mode !== "paused";
    strip.querySelector("[data-track=end]").hidden = state.mode === "off";
    if (start) { start.hidden = state.mode !== "off"; }
  }

  function begin() {
    state.pieces.push({ uuid: newUuid(), started_at: new Date().toISOString(), ended_at: null, points: [], last: 0, told: false });
    state.mode = "running";
    keep();
    watch();
    show();
  }
  function close(mode) {
    unwatch();
    var piece = current();
    if (piece && !piece.ended_at) { piece.ended_at = new Date().toISOString(); }
    state.mode = mode;
    keep();
    show(mode === "off" ? texts.ended : "");
    send();
  }
  function watch() {
    if (watching !== null || !able()) { return; }
    watching = navigator.geolocation.watchPosition(take, missed, { enableHighAccuracy: true, maximumAge: 5000, timeout: 60000 });
  }
  function unwatch() {
    if (watching !== null) { navigator.geolocation.clearWatch(watching); }
    watching = null;
  }
  function take(found) {
    var piece = current();
    if (state.mode !== "running" || !piece) { unwatch(); return; }
    if (Date.now() - Date.parse(piece.started_at) > LONGEST_MS) { close("off"); return; }
    if (Date.now() - piece.last < EVERY_MS) { return; }
    piece.last = Date.now();
    piece.points.push({ at: new Date().toISOString(), lon: found.coords.longitude, lat: found.coords.latitude, accuracy_m: found.coords.accuracy });
    keep();
    show();
    if (!piece.told) { send(); }
  }
  function missed(error) {
    if (error.code === 1) { close("off"); show(texts.denied); } else { show(texts.waiting); }
  }

  function secret() {
    var field = document.querySelector("input[name=csrf_token]");
    return field ? field.value : "";
  }
  function send() {
    if (sending || !window.fetch) { return; }
    var piece = state.pieces.find(function (one) { return one.points.length || (one.ended_at && !one.closed); });
    if (!piece) { return; }
    var batch = piece.points.slice(0, MOST);
    var ended = piece.ended_at;
    sending = true;
    fetch(strip.dataset.send, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": secret() },
      body: JSON.stringify({ uuid: piece.uuid, started_at: piece.started_at, ended_at: ended, points: batch })
    }).then(function (answer) {
      sending = false;
      if (answer.ok) { received(piece, batch.length, ended); return; }
      if (answer.status === 403 || answer.status === 409 || answer.status === 422) { stop(); }
    }).catch(function () {
      sending = false;
      if (state.mode === "running") { show(texts.unsent); }
    });
  }
  function received(piece, count, ended) {
    piece.told = true;
    piece.points.splice(0, count);
    if (ended && !piece.points.length) { piece.closed = true; }
    state.pieces = state.pieces.filter(function (one) { return !one.closed || one.points.length; });
    keep();
    if (piece.points.length || (piece.ended_at && !piece.closed)) { send(); }
  }
  /* The server takes no more: what was not sent goes, as she asked when she withdrew. */
  function stop() {
    unwatch();
    state = { mode: "off", pieces: [] };
    keep();
    show(texts.refused);
  }

  document.querySelectorAll("[data-track]").forEach(function (button) {
    button.addEventListener("click", function () {
      var what = button.dataset.track;
      if (what === "start" || what === "resume") { begin(); }
      if (what === "pause") { close("paused"); }
      if (what === "end") { close("off"); }
    });
  });
  if (start && !able()) {
    start.disabled = true;
    problem.textContent = texts.insecure;
    problem.hidden = false;
  }
  if (state.mode === "running") { watch(); }
  show();
  send();
  window.setInterval(send, SEND_MS);
  window.addEventListener("online", send);
}());
