/* The route page: cards for all stops without a network, the number at a tap, changes that wait. */
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
        link.textContent = texts.call.replace("{phone}", answer.body.phone);
        say("");
        phoneLine().appendChild(link);
        link.focus();
      })
      .catch(function () { say(texts.no_phone); })
      .then(function () { button.disabled = false; });
  }

  function fieldsOf(form, button) {
    var found = {};
    Array.prototype.forEach.call(form.elements, function (field) {
      if (field.name && field.name !== "csrf_token" && field.type !== "submit" && field.value !== "") { found[field.name] = field.value; }
    });
    if (button && button.name) { found[button.name] = button.value; }
    if (found.enterprise_id) { found.enterprise_id = Number(found.enterprise_id); }
    return found;
  }

  /* A change of the day re-plans on the server; without a network it waits on the phone. */
  function changeLater(form, button) {
    var content = fieldsOf(form, button);
    content.uuid = queue.newUuid();
    queue.save("day", "/today/changes/" + content.uuid, content, button ? button.textContent.trim() : "", [])
      .then(function () { say(texts.change_waits); }, function () { say(texts.not_kept); });
  }

  /* Two taps, nothing typed: the firm's file is still right. */
  function unchanged(form) {
    var content = { uuid: queue.newUuid(), enterprise_id: Number(form.dataset.unchanged), visited_at: new Date().toISOString(), result: "unchanged" };
    queue.save("visit", "/sync/visits/" + content.uuid, content, texts.no_change, [])
      .then(function () { onward(); }, function () { form.submit(); });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.classList.contains("call") && window.fetch) { event.preventDefault(); call(form); return; }
    if (!queue || !queue.usable) { return; }
    if (form.dataset.unchanged) { event.preventDefault(); unchanged(form); return; }
    if (form.dataset.change && navigator.onLine === false) { event.preventDefault(); changeLater(form, event.submitter); }
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
    return true;
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[data-stop]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    if (showCard(link.dataset.stop)) { event.preventDefault(); document.getElementById("card").scrollIntoView({ block: "nearest" }); }
  });

  /* After a visit was saved on the phone the next door is at hand. */
  function onward() {
    var candidates = Array.prototype.filter.call(document.querySelectorAll(".stops a[data-stop]"), function (link) {
      return !link.dataset.saved && !link.querySelector(".number.done");
    });
    if (candidates.length) { showCard(candidates[0].dataset.stop); } else { finish(); }
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
  document.addEventListener("outreach:marked", function () {
    progress();
    var card = document.getElementById("card");
    var shown = card ? card.querySelector("a[data-visit]") : null;
    var link = shown ? document.querySelector('.stops a[data-stop="' + shown.dataset.visit + '"]') : null;
    if (link && link.dataset.saved && !card.dataset.left) { card.dataset.left = "yes"; onward(); }
  });

  /* The address for the clipboard, the app that she likes best first. */
  function prepare(card) {
    if (!card) { return; }
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
}());
