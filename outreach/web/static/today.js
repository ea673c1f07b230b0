/* The route page: cards for all stops without a network, the number at a tap. */
(function () {
  "use strict";
  var source = document.getElementById("texts");
  if (!source) { return; }
  var texts = JSON.parse(source.textContent);
  var queue = window.OutreachQueue;

  function phoneLine() { return document.getElementById("phone"); }
  function say(text) { var line = phoneLine(); if (line) { line.textContent = text; line.hidden = false; } }
  window.addEventListener("pagehide", function () { var line = phoneLine(); if (line) { line.textContent = ""; line.hidden = true; } });

  /* The number is fetched at the tap and never kept. */
  function call(form) {
    var button = form.querySelector("button");
    button.disabled = true;
    fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.json().then(function (body) { return { ok: answer.ok, status: answer.status, body: body }; }); })
      .then(function (answer) {
        if (!answer.ok) { say(answer.status === 401 ? texts.signed_out : answer.body.message); return; }
        var link = document.createElement("a");
        link.href = "tel:" + answer.body.phone.replace(/[^0-9+*#,;-]/g, "");
        link.textContent = window.OutreachFill(texts.call, answer.body);
        say("");
        phoneLine().appendChild(link);
        link.focus();
      })
      .catch(function () { say(texts.no_phone); })
      .then(function () { button.disabled = false; });
  }

  /* Two taps, nothing typed: the firm's file is still right. */
  function unchanged(form) {
    var content = { uuid: queue.newUuid(), enterprise_id: Number(form.dataset.unchanged), firm_name: form.dataset.firm, visited_at: new Date().toISOString(), result: "unchanged" };
    queue.save("visit", "/sync/visits/" + content.uuid, content, form.dataset.firm + " · " + texts.no_change, [])
      .then(function () { onward(); }, function () { form.submit(); });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.classList.contains("call") && window.fetch) { event.preventDefault(); call(form); return; }
    if (!queue || !queue.usable) { return; }
    if (form.dataset.unchanged) { event.preventDefault(); unchanged(form); }
  });

  /* A stop's card comes from the page itself, so that any stop opens without a network. */
  function showCard(id) {
    var template = document.querySelector('template[data-card="' + id + '"]');
    var card = document.getElementById("card");
    if (!template || !card) { return false; }
    card.replaceWith(template.content.cloneNode(true));
    document.querySelectorAll(".stops li").forEach(function (item) {
      var link = item.querySelector("a[data-stop]");
      var chosen = Boolean(link) && link.dataset.stop === String(id) && link.parentNode === item;
      item.classList.toggle("chosen", chosen);
      if (link && link.parentNode === item) { if (chosen) { link.setAttribute("aria-current", "true"); } else { link.removeAttribute("aria-current"); } }
    });
    prepare(document.getElementById("card"));
    document.querySelectorAll("a[data-beside]").forEach(function (link) { link.href = link.href.replace(/([?&]stop=)\d+/, "$1" + id); });
    nameStop(String(id));
    document.dispatchEvent(new CustomEvent("outreach:chosen", { detail: id }));
    return true;
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[data-stop]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    if (showCard(link.dataset.stop)) { event.preventDefault(); document.getElementById("card").scrollIntoView({ block: "nearest" }); }
  });

  function nextStop() {
    return Array.prototype.filter.call(document.querySelectorAll(".stops a[data-stop]"), function (link) {
      return !link.dataset.saved && !link.querySelector(".number.done");
    })[0];
  }
  function nameStop(id) {
    var which = document.querySelector("#card [data-which]");
    var next = nextStop();
    var number = document.querySelector('.stops a[data-stop="' + id + '"] .number');
    if (which && number) { which.textContent = next && next.dataset.stop === id ? texts.next_stop : window.OutreachFill(texts.this_stop, { number: number.textContent }); }
  }

  /* After a visit was saved on the phone the next door is at hand. */
  function onward() {
    var next = nextStop();
    if (next) { showCard(next.dataset.stop); } else { finish(); }
  }
  function finish() {
    var card = document.getElementById("card");
    if (!card) { return; }
    var title = document.createElement("h2");
    title.textContent = texts.all_done;
    card.textContent = "";
    card.appendChild(title);
  }
  function progress() {
    var done = document.querySelectorAll(".stops a[data-stop] .number.done").length;
    var number = document.querySelector(".progress strong");
    if (number) { number.textContent = String(done); }
  }
  /* Once for each visit: a stop that she opens again afterwards stays open. */
  var left = {};
  document.addEventListener("outreach:marked", function () {
    progress();
    var card = document.getElementById("card");
    var shown = card ? card.querySelector("a[data-visit]") : null;
    var link = shown ? document.querySelector('.stops a[data-stop="' + shown.dataset.visit + '"]') : null;
    if (link && link.dataset.saved && !left[shown.dataset.visit]) { left[shown.dataset.visit] = true; onward(); }
  });

  /* What gets the focus must not lie under the pinned card. */
  function clearView() {
    var card = document.getElementById("card");
    var height = card ? card.getBoundingClientRect().height : 0;
    document.documentElement.style.scrollPaddingBottom = Math.round(height + 8) + "px";
  }

  /* The address for the clipboard, the app that she likes best first. */
  function prepare(card) {
    if (!card) { return; }
    clearView();
    var preferred = null;
    try { preferred = localStorage.getItem("navigation"); } catch (error) { /* no storage: no preference */ }
    card.querySelectorAll("[data-app]").forEach(function (app) {
      app.classList.toggle("preferred", app.dataset.app === preferred);
      app.addEventListener("click", function () {
        try { localStorage.setItem("navigation", app.dataset.app); } catch (error) { /* asked again next time */ }
      });
    });
    var copy = card.querySelector("[data-copy]");
    if (!copy) { return; }
    copy.hidden = false;
    copy.addEventListener("click", function () {
      var done = function () { copy.textContent = texts.copied; };
      var failed = function () { copy.textContent = texts.not_copied; };
      if (navigator.clipboard) { navigator.clipboard.writeText(copy.dataset.copy).then(done, failed); return; }
      var field = document.createElement("textarea");
      field.value = copy.dataset.copy;
      document.body.appendChild(field);
      field.select();
      if (document.execCommand("copy")) { done(); } else { failed(); }
      field.remove();
    });
  }
  prepare(document.getElementById("card"));
  window.addEventListener("resize", clearView);
  /* A kept page is one for all stops of its day: the address says which was asked for. */
  var asked = /[?&]stop=(\d+)/.exec(window.location.search);
  if (asked && !document.querySelector('#card [data-visit="' + asked[1] + '"]')) { showCard(asked[1]); }

  /* The map comes when the next stop can be used already: half of the page's bytes are the map's. */
  function drawMap() {
    var holder = document.getElementById("map");
    if (!holder || !holder.dataset.scripts || holder.dataset.asked) { return; }
    var box = holder.closest("details");
    if (box && !box.open) { box.addEventListener("toggle", drawMap, { once: true }); return; }
    holder.dataset.asked = "yes";
    var style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = holder.dataset.style;
    style.onload = style.onerror = function () {
      holder.dataset.scripts.split(" ").reduce(function (before, address) {
        return before.then(function () {
          return new Promise(function (done) {
            var script = document.createElement("script");
            script.src = address;
            script.onload = script.onerror = done;
            document.body.appendChild(script);
          });
        });
      }, Promise.resolve());
    };
    /* First of all, so that our own rules stand above the library's. */
    document.head.insertBefore(style, document.head.querySelector("link[rel=stylesheet]"));
  }
  function later() { if (window.requestIdleCallback) { requestIdleCallback(drawMap, { timeout: 2000 }); } else { setTimeout(drawMap, 200); } }
  if (document.readyState === "complete") { later(); } else { window.addEventListener("load", later); }
}());
