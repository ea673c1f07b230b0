/* The visit form: result first, a draft on the phone until the server has it. */
(function () {
  "use strict";
  var form = document.querySelector("form.visit");
  var texts = JSON.parse(document.getElementById("texts").textContent);
  var findings = document.getElementById("findings");
  var trouble = document.getElementById("trouble");
  var restored = document.getElementById("restored");
  var place = "visit:" + form.dataset.account + ":" + form.elements.enterprise_id.value;
  var FIXED = { csrf_token: true, enterprise_id: true };

  function newUuid() {
    if (window.crypto && crypto.randomUUID) { return crypto.randomUUID(); }
    var bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.prototype.map.call(bytes, function (byte) { return (byte + 256).toString(16).slice(1); }).join("");
    return hex.slice(0, 8) + "-" + hex.slice(8, 12) + "-" + hex.slice(12, 16) + "-" + hex.slice(16, 20) + "-" + hex.slice(20);
  }

  function show() {
    var result = form.querySelector("input[name=result]:checked");
    findings.hidden = !(result && result.dataset.opens);
    form.querySelectorAll(".chips label").forEach(function (label) {
      label.classList.toggle("on", label.querySelector("input").checked);
    });
  }

  function keep() {
    var draft = [];
    new FormData(form).forEach(function (value, name) { if (!FIXED[name]) { draft.push([name, value]); } });
    try { localStorage.setItem(place, JSON.stringify(draft)); } catch (error) { /* no storage: the form itself still holds it */ }
  }
  function forget() {
    try { localStorage.removeItem(place); } catch (error) { /* nothing was kept */ }
  }
  function restore() {
    var draft = null;
    try { draft = JSON.parse(localStorage.getItem(place)); } catch (error) { draft = null; }
    if (!draft || !draft.length) { return false; }
    draft.forEach(function (pair) {
      form.querySelectorAll('[name="' + pair[0] + '"]').forEach(function (field) {
        if (field.type === "radio" || field.type === "checkbox") { if (field.value === pair[1]) { field.checked = true; } } else { field.value = pair[1]; }
      });
    });
    return true;
  }

  if (form.dataset.sent) { keep(); } else if (restore()) { restored.hidden = false; } else { form.elements.uuid.value = newUuid(); }
  restored.querySelector("button").addEventListener("click", function () {
    forget();
    window.location.reload();
  });

  /* A radio that was tapped again is taken back; the result itself must stay. */
  form.querySelectorAll("#findings input[type=radio]").forEach(function (radio) {
    var was = false;
    var label = radio.parentNode;
    label.addEventListener("pointerdown", function () { was = radio.checked; });
    radio.addEventListener("click", function () {
      if (was) { radio.checked = false; was = false; show(); keep(); }
    });
  });
  form.addEventListener("change", function () { show(); keep(); });
  form.addEventListener("input", keep);

  var employees = form.elements.employees;
  function set(value) { employees.value = String(Math.max(0, value)); keep(); }
  form.querySelectorAll("[data-step]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var start = employees.value === "" ? Number(employees.dataset.known || 0) : Number(employees.value) || 0;
      set(employees.value === "" && employees.dataset.known ? start : start + Number(button.dataset.step));
    });
  });
  var same = form.querySelector(".same");
  if (same) { same.hidden = false; same.addEventListener("click", function () { set(Number(same.dataset.value)); }); }

  function say(text) {
    trouble.textContent = text;
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "center" });
  }
  form.addEventListener("submit", function (event) {
    if (!window.fetch) { return; }
    event.preventDefault();
    var button = form.querySelector(".send button");
    trouble.hidden = true;
    button.disabled = true;
    button.textContent = texts.sending;
    keep();
    fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.json().then(function (body) { return { ok: answer.ok, status: answer.status, body: body }; }); })
      .then(function (answer) {
        if (answer.ok) { forget(); window.location.assign(answer.body.next); return; }
        say(answer.status === 401 ? texts.signed_out : answer.body.message);
      })
      .catch(function () { say(texts.not_sent); })
      .then(function () { button.disabled = false; button.textContent = texts.send; });
  });
  show();
}());
