/* The pages that the phone keeps: tells when a newer one is there, why another did not open, and
   what became of a correction. */
(function () {
  "use strict";
  var queue = window.OutreachQueue;
  var source = document.getElementById("sync-texts");
  if (!source) { return; }
  var texts = JSON.parse(source.textContent);
  var said = document.getElementById("said");
  var newer = document.getElementById("newer");
  var banner = document.getElementById("browser");

  function tell(text, kind) {
    said.textContent = text;
    said.className = "notice " + (kind || "");
    said.hidden = !text;
    if (text) { said.scrollIntoView({ block: "nearest" }); }
  }
  window.OutreachTell = tell;

  /* What the address says after its #: once, since a reload has no such news. */
  function readAddress() {
    var hash = window.location.hash;
    var correction = /^#corrected-([0-9a-f-]+)$/.exec(hash);
    if (hash !== "#offline" && !correction) { return; }
    if (window.history.replaceState) { window.history.replaceState(null, "", window.location.pathname + window.location.search); }
    if (correction) { follow(correction[1]); } else { tell(texts.closed, "late"); }
  }
  function follow(uuid) {
    if (!queue || !queue.usable) { tell(texts.correction_received, "ok"); return; }
    var look = function () {
      queue.summary().then(function (now) {
        var state = now.states[uuid];
        if (state === "waiting") { tell(texts.correction_waits, "ok"); }
        else if (state === "held" || state === "refused") { tell(texts.correction_held, "late"); }
        else { tell(texts.correction_received, "ok"); }
      });
    };
    queue.onChange(look);
    look();
  }
  window.addEventListener("hashchange", readAddress);
  readAddress();

  /* A route that was kept on another day must not pass for today's. */
  var body = document.body.dataset;
  if (navigator.onLine === false && queue && body.day && !/[?&]day=/.test(window.location.search) && body.day !== queue.dayOf(Date.now())) {
    tell(window.OutreachFill(texts.of_another_day, { day: body.dayName }), "late");
  }

  if (banner) {
    var poor = /MicroMessenger/i.test(navigator.userAgent);
    if (!window.isSecureContext) { banner.textContent = texts.not_secure; banner.hidden = false; }
    else if (poor || !("serviceWorker" in navigator)) { banner.textContent = texts.poor_browser; banner.hidden = false; }
  }

  /* The page as it is kept now, where that is no older than this one. */
  function keyOfThis() {
    var day = /[?&]day=(\d{4}-\d\d-\d\d)/.exec(window.location.search);
    return window.location.pathname + (day ? "?day=" + day[1] : "");
  }
  function compare() {
    if (!newer || !body.page || !window.caches) { return; }
    var key = keyOfThis();
    caches.open("fresh").then(function (fresh) { return fresh.match(key); }).then(function (mark) {
      return mark ? caches.open("pages").then(function (pages) { return pages.match(key); }) : null;
    }).then(function (kept) {
      if (kept) { newer.hidden = kept.headers.get("X-Page") === body.page; }
    }).catch(function () { return undefined; });
  }
  function renew() {
    var program = "serviceWorker" in navigator ? navigator.serviceWorker.controller : null;
    if (program) { program.postMessage({ renew: window.location.pathname + window.location.search }); }
    else if (newer && body.page) { newer.hidden = false; }
  }
  if (queue) { queue.onSent(function (kind) { if (kind === "day") { renew(); } }); }

  if (!("serviceWorker" in navigator)) { return; }
  /* After the page's own files, which it would else compete with. */
  var register = function () { navigator.serviceWorker.register("/sw.js").catch(function () { return undefined; }); };
  if (document.readyState === "complete") { register(); } else { window.addEventListener("load", register); }
  navigator.serviceWorker.addEventListener("message", function (event) {
    if (event.data === "page-kept") { compare(); }
  });
  window.addEventListener("pageshow", compare);
  compare();
}());
