/* A change of the day goes out as a form where the server can be reached; else it waits on the
   phone. Asked first, since a form that fails loses what was typed. */
(function () {
  "use strict";
  var queue = window.OutreachQueue;
  var source = document.getElementById("sync-texts");
  if (!source || !queue) { return; }
  var texts = JSON.parse(source.textContent);
  var pressed = null;

  /* The answer stands where she looks: in the form, on the card of the stop, or above. */
  function say(form, text, kind) {
    var line = form.querySelector("[data-kept]") || document.getElementById("phone");
    if (!line) { window.OutreachTell(text, kind); return; }
    line.textContent = text;
    if (line.dataset.kept !== undefined) { line.className = "notice " + kind; }
    line.hidden = false;
  }

  function fieldsOf(form, button) {
    var found = {};
    Array.prototype.forEach.call(form.elements, function (field) {
      if (field.name && field.name !== "csrf_token" && field.type !== "submit" && field.value.trim() !== "") { found[field.name] = field.value.trim(); }
    });
    if (button && button.name) { found[button.name] = button.value; }
    if (found.enterprise_id) { found.enterprise_id = Number(found.enterprise_id); }
    if (found.lon) { found.position = { lon: found.lon, lat: found.lat, accuracy_m: found.accuracy_m, datum: form.dataset.datum }; }
    ["lon", "lat", "accuracy_m"].forEach(function (name) { delete found[name]; });
    return found;
  }

  function keep(form, button) {
    var content = fieldsOf(form, button);
    var words = [content.name || form.dataset.firm, form.dataset.title, content.kind === "skip" || !form.dataset.title ? button && button.textContent.trim() : ""];
    content.uuid = queue.newUuid();
    return queue.save("day", "/today/changes/" + content.uuid, content, words.filter(Boolean).join(" · "), []).then(function () {
      say(form, content.kind === "found" ? window.OutreachFill(texts.found_waits, content) : texts.change_waits, "ok");
      if (content.kind === "found") { empty(form); } else { form.querySelectorAll("button").forEach(function (one) { one.disabled = true; }); }
    }, function () { say(form, texts.not_kept, "late"); }).then(function () { delete form.dataset.asking; });
  }
  function empty(form) {
    form.reset();
    ["name", "address", "industry", "employees", "lon", "lat", "accuracy_m"].forEach(function (name) { form.elements[name].value = ""; });
    form.querySelector("[data-done]").hidden = true;
  }

  /* A page that was kept carries the number of a change that may have been made long ago. */
  function go(form, button) {
    form.elements.uuid.value = queue.newUuid();
    var choice = form.querySelector("[data-choice]");
    if (button && button.name) {
      if (!choice) {
        choice = document.createElement("input");
        choice.type = "hidden";
        choice.dataset.choice = "yes";
        form.appendChild(choice);
      }
      choice.name = button.name;
      choice.value = button.value;
    }
    form.submit();
  }

  document.addEventListener("click", function (event) { pressed = event.target.closest ? event.target.closest("button") : null; });
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.dataset.change || !queue.usable || event.defaultPrevented) { return; }
    event.preventDefault();
    if (form.dataset.asking) { return; }
    form.dataset.asking = "yes";
    var button = event.submitter || (pressed && pressed.form === form ? pressed : null);
    if (navigator.onLine === false) { keep(form, button); return; }
    queue.reach().then(function (status) { if (status === 200) { go(form, button); } else { keep(form, button); } });
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-asking]").forEach(function (form) { delete form.dataset.asking; });
  });

  /* What only the server can do: after all others, who may have taken it over. */
  window.addEventListener("submit", function (event) {
    if (event.defaultPrevented || navigator.onLine !== false || event.target.method !== "post") { return; }
    event.preventDefault();
    say(event.target, texts.needs_network, "late");
  });

  /* The kept form for a found firm is of no day and beside no stop: the address tells both. */
  var found = document.querySelector('form[data-change="found"]');
  if (found) {
    var day = /[?&]day=(\d{4}-\d\d-\d\d)/.exec(window.location.search);
    var stop = /[?&]stop=(\d+)/.exec(window.location.search);
    found.elements.day.value = day ? day[1] : navigator.onLine === false ? queue.dayOf(Date.now()) : found.elements.day.value;
    if (stop && !found.elements.enterprise_id) {
      var beside = document.createElement("input");
      beside.type = "hidden";
      beside.name = "enterprise_id";
      beside.value = stop[1];
      found.appendChild(beside);
    }
  }
}());
