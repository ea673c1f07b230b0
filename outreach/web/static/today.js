/* The route page: the phone number at a tap, the address for the clipboard, receipts. */
(function () {
  "use strict";
  var received = document.querySelector("[data-received]");
  if (received) {
    try { localStorage.removeItem("visit:" + received.dataset.account + ":" + received.dataset.received); } catch (error) { /* no storage: nothing to forget */ }
  }
  var source = document.getElementById("texts");
  if (!source) { return; }
  var texts = JSON.parse(source.textContent);
  var line = document.getElementById("phone");

  var call = document.querySelector("form.call");
  if (call && window.fetch) {
    call.addEventListener("submit", function (event) {
      event.preventDefault();
      var button = call.querySelector("button");
      button.disabled = true;
      fetch(call.action, { method: "POST", body: new FormData(call), headers: { Accept: "application/json" }, credentials: "same-origin" })
        .then(function (answer) { return answer.json().then(function (body) { return { ok: answer.ok, status: answer.status, body: body }; }); })
        .then(function (answer) {
          if (!answer.ok) { say(answer.status === 401 ? texts.signed_out : answer.body.message); return; }
          var link = document.createElement("a");
          link.href = "tel:" + answer.body.phone.replace(/[^0-9+*#,;-]/g, "");
          link.textContent = texts.call.replace("{phone}", answer.body.phone);
          say("");
          line.appendChild(link);
          link.focus();
        })
        .catch(function () { say(texts.no_phone); })
        .then(function () { button.disabled = false; });
    });
  }
  function say(text) { line.textContent = text; line.hidden = false; }
  window.addEventListener("pagehide", function () { if (line) { line.textContent = ""; line.hidden = true; } });

  var copy = document.querySelector("[data-copy]");
  if (copy) {
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

  var apps = document.querySelectorAll("[data-app]");
  var preferred = null;
  try { preferred = localStorage.getItem("navigation"); } catch (error) { /* no storage: no preference */ }
  apps.forEach(function (app) {
    if (app.dataset.app === preferred) { app.classList.add("preferred"); }
    app.addEventListener("click", function () {
      try { localStorage.setItem("navigation", app.dataset.app); } catch (error) { /* asked again next time */ }
    });
  });
}());
