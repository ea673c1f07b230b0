/* The visit form: result first; a draft at every change; saved on the phone before it is sent. */
(function () {
  "use strict";
  var queue = window.OutreachQueue;
  var form = document.querySelector("form.visit");
  if (!form) { return; }
  var texts = JSON.parse(document.getElementById("visit-texts").textContent);
  var sheet = document.getElementById("visit-sheet");
  var findings = form.querySelector("[data-findings]");
  var trouble = form.querySelector("[data-trouble]");
  var restored = document.querySelector("[data-restored]");
  var registered = form.querySelector("[data-registered]");
  var attachedList = form.querySelector("[data-attached]");
  var positionLine = form.querySelector("[data-position]");
  var NUMBERS = ["employees", "hardship_workers"];
  var TEXTS = ["concerns", "hardships", "resources", "request_note", "note", "promised_on", "appointed_on"];
  var ALWAYS = ["result", "note"];
  var APPOINTED = ["appointed_on", "appointed_part"];
  var CHOICES = ["result", "appointed_part", "operating_state", "evidence", "premises", "union_finding", "attitude", "obstacle", "promise"];
  var MOST_PHOTOS = 6;
  var VOICE_BYTES = 2000000;
  var firm = null;
  var begun = "";
  var attached = [];
  var position = null;
  /* What the dossier knows, by the name of the question: shown at its chip, and sent only if she taps it. */
  var known = {};
  /* The questions of a correction that she has not touched yet; they hold her own former words. */
  var untouched = {};
  var attempt = null;
  var files = window.OutreachPhotos;
  var usable = queue && queue.usable && queue.account;
  var fill = window.OutreachFill;
  var checks = window.OutreachChecks;
  var appointment = form.querySelector("[data-appointment]");

  function chosen(name) { var one = form.querySelector('input[name="' + name + '"]:checked'); return one ? one.value : ""; }
  function ticked(name) { return Array.prototype.map.call(form.querySelectorAll('input[name="' + name + '"]:checked'), function (box) { return box.value; }); }

  function show() {
    var result = form.querySelector("input[name=result]:checked");
    findings.hidden = !(result && result.dataset.opens);
    appointment.hidden = !(result && result.value === "appointment");
    appointment.disabled = appointment.hidden;
    form.querySelectorAll(".chips label").forEach(function (label) { showChip(label); });
    checks.unsay(form, false);
    var counted = form.elements.employees.value.trim() !== "";
    registered.hidden = !counted || !firm;
    if (counted && firm) {
      registered.textContent = firm.registered.length
        ? fill(texts.registered, { figures: firm.registered.map(function (one) { return fill(texts.figure, one); }).join(" · ") })
        : texts.none_registered;
    }
  }

  function showChip(label) {
    var input = label.querySelector("input");
    var isKnown = known[input.name] === input.value && !chosen(input.name);
    var word = label.querySelector(".so-far");
    label.classList.toggle("on", input.checked);
    label.classList.toggle("known-so-far", isKnown);
    if (isKnown && !word) {
      word = document.createElement("span");
      word.className = "so-far";
      word.textContent = texts.known_so_far;
      label.appendChild(word);
    }
    if (!isKnown && word) { word.remove(); }
  }

  /* What the form says, as the server keeps it: only what is filled in. */
  function content() {
    var found = {};
    var met = !findings.hidden;
    function isAsked(name) { return ALWAYS.indexOf(name) >= 0 || (APPOINTED.indexOf(name) >= 0 ? !appointment.hidden : met); }
    CHOICES.forEach(function (name) { var value = chosen(name); if (value && isAsked(name)) { found[name] = name === "attitude" ? Number(value) : value; } });
    TEXTS.forEach(function (name) { var value = form.elements[name].value.trim(); if (value && isAsked(name)) { found[name] = value; } });
    if (met) {
      NUMBERS.forEach(function (name) { var value = form.elements[name].value.trim(); if (value) { found[name] = /^[0-9]+$/.test(value) ? Number(value) : value; } });
      [["concern", "concerns"], ["hardship", "hardships"]].forEach(function (pair) {
        var words = ticked(pair[0]).concat(found[pair[1]] ? [found[pair[1]]] : []);
        if (words.length) { found[pair[1]] = words.join(";"); }
      });
      var requests = ticked("requests");
      if (requests.length) { found.requests = requests; }
    }
    if (position) { found.position = position; }
    return found;
  }

  function draft() {
    var pairs = [];
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!field.name || field.type === "file" || field.type === "hidden") { return; }
      if ((field.type === "radio" || field.type === "checkbox") && !field.checked) { return; }
      if (field.value !== "") { pairs.push([field.name, field.value]); }
    });
    return { begun: begun, pairs: pairs, position: position, untouched: untouched, attached: attached.map(function (one) { return { uuid: one.uuid, kind: one.kind, data: one.data }; }) };
  }
  var keeping = Promise.resolve();
  function place() { return form.dataset.corrects ? "correction:" + form.dataset.corrects : "visit:" + firm.id; }
  function keep() {
    if (!usable || !firm) { return; }
    var where = place();
    var value = draft();
    keeping = keeping.then(function () { return queue.keepDraft(where, value); }).catch(function () { return undefined; });
  }
  function apply(pairs) {
    pairs.forEach(function (pair) {
      form.querySelectorAll('[name="' + pair[0] + '"]').forEach(function (field) {
        if (field.type === "radio" || field.type === "checkbox") { if (field.value === pair[1]) { field.checked = true; } } else if (field.type !== "hidden") { field.value = pair[1]; }
      });
    });
  }

  function empty() {
    Array.prototype.forEach.call(form.elements, function (field) {
      if (field.type === "radio" || field.type === "checkbox") { field.checked = false; } else if (field.name && field.type !== "hidden") { field.value = ""; }
    });
  }
  function clear() {
    empty();
    attached = [];
    position = null;
    attempt = null;
    trouble.hidden = true;
    checks.unsay(form, true);
    if (restored) { restored.hidden = true; }
    form.querySelectorAll("[data-grows]").forEach(function (one) { one.textContent = ""; });
    untouched = {};
    listAttached();
    showPosition();
  }

  function startOf(one) { return JSON.stringify([one.pairs.slice().sort(), one.position, Object.keys(one.untouched || {}).sort()]); }
  /* Opens the form for a firm, with the draft that was left; what the dossier knows is only shown. */
  function openFor(one) {
    firm = one;
    clear();
    begun = new Date().toISOString();
    known = firm.prefill;
    var pairs = firm.pairs || [];
    apply(pairs);
    position = firm.position || null;
    /* A correction starts from her own words: a first tap keeps those, too. */
    pairs.forEach(function (pair) { if (CHOICES.indexOf(pair[0]) > 0) { untouched[pair[0]] = true; } });
    var start = startOf({ pairs: pairs, position: position, untouched: untouched });
    showPosition();
    show();
    if (!usable) { return Promise.resolve(); }
    return queue.readDraft(place()).then(function (left) {
      if (!left) { return; }
      /* A draft of an older form holds what was only proposed among what she said. */
      left.pairs = left.pairs.filter(function (pair) { return !left.proposed || left.proposed[pair[0]] !== "known"; });
      if (startOf(left) === start && !left.attached.length) { return; }
      begun = left.begun || begun;
      empty();
      apply(left.pairs);
      position = left.position;
      untouched = left.untouched || {};
      attached = left.attached;
      listAttached();
      showPosition();
      if (restored) { restored.hidden = false; }
      show();
    });
  }

  if (restored) {
    restored.querySelector("button").addEventListener("click", function () {
      keeping = keeping.then(function () { return queue.dropDraft(place()); });
      keeping.then(function () { return openFor(firm); });
    });
  }

  /* A radio that was tapped again is taken back; the result itself must stay, and so do her own
     former words in a correction: the first tap on them says that they are right. */
  form.querySelectorAll("[data-findings] input[type=radio], [data-appointment] input[type=radio]").forEach(function (radio) {
    var was = false;
    radio.parentNode.addEventListener("pointerdown", function () { was = radio.checked; });
    radio.addEventListener("click", function () {
      var isFirst = Boolean(untouched[radio.name]);
      delete untouched[radio.name];
      if (was && !isFirst) { radio.checked = false; }
      if (was || isFirst) { was = false; show(); keep(); }
    });
  });
  form.addEventListener("change", function (event) { if (event.target.type !== "file") { show(); keep(); } });
  form.addEventListener("input", function (event) { if (event.target.type !== "file") { show(); keep(); } });

  form.querySelectorAll("[data-step]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var field = form.elements[button.dataset.for];
      field.value = String(Math.max(0, (Number(field.value) || 0) + Number(button.dataset.step)));
      show();
      keep();
    });
  });

  function listAttached() {
    attachedList.textContent = "";
    var numbers = { photo: 0, voice: 0 };
    attached.forEach(function (one) {
      numbers[one.kind] += 1;
      var item = document.createElement("li");
      var name = document.createElement("span");
      name.textContent = fill(texts[one.kind], { number: numbers[one.kind] });
      var drop = document.createElement("button");
      drop.type = "button";
      drop.className = "quiet";
      drop.textContent = texts.remove;
      drop.setAttribute("aria-label", texts.remove + " " + name.textContent);
      drop.addEventListener("click", function () { attached.splice(attached.indexOf(one), 1); listAttached(); keep(); });
      item.appendChild(name);
      item.appendChild(drop);
      attachedList.appendChild(item);
    });
  }
  form.querySelectorAll("[data-attach]").forEach(function (input) {
    input.addEventListener("change", function () {
      var kind = input.dataset.attach;
      var chain = Promise.resolve();
      var leftOut = 0;
      trouble.hidden = true;
      Array.prototype.forEach.call(input.files, function (file) {
        chain = chain.then(function () {
          if (kind === "voice" && file.size > VOICE_BYTES) { say(texts.too_large); return; }
          if (kind === "photo" && attached.filter(function (one) { return one.kind === "photo"; }).length >= MOST_PHOTOS) { leftOut += 1; return; }
          return (kind === "photo" ? files.shrink(file) : files.readWhole(file)).then(function (data) {
            attached.push({ uuid: queue.newUuid(), kind: kind, data: data });
            listAttached();
            keep();
          });
        }).catch(function () { say(texts.bad_photo); });
      });
      chain.then(function () {
        input.value = "";
        if (leftOut) { say(fill(texts.photos_left_out, { most: MOST_PHOTOS, count: leftOut })); }
      });
    });
  });

  /* What was taken is said as long as it is part of the visit, and can be taken back. */
  function showPosition() {
    positionLine.textContent = "";
    if (!position) { return; }
    var metres = Number(position.accuracy_m);
    var drop = document.createElement("button");
    drop.type = "button";
    drop.className = "quiet";
    drop.textContent = texts.no_place;
    drop.addEventListener("click", function () { position = null; showPosition(); keep(); });
    positionLine.textContent = fill(texts.located, { metres: metres, grade: metres <= 50 ? texts.good : metres <= 100 ? texts.fair : texts.poor }) + " ";
    positionLine.appendChild(drop);
  }
  /* The position is read only here, on her tap, for at most 20 seconds. */
  form.querySelector("[data-locate]").addEventListener("click", function () {
    if (!navigator.geolocation || !window.isSecureContext) { positionLine.textContent = texts.no_position; return; }
    positionLine.textContent = texts.locating;
    var best = null;
    var watch = navigator.geolocation.watchPosition(function (found) {
      if (!best || found.coords.accuracy < best.coords.accuracy) { best = found; }
      if (best.coords.accuracy <= 20) { finish(); }
    }, function () { if (!best) { finish(); } }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
    var limit = setTimeout(finish, 20000);
    function finish() {
      clearTimeout(limit);
      navigator.geolocation.clearWatch(watch);
      if (!best) { showPosition(); positionLine.insertBefore(document.createTextNode(texts.no_position + " "), positionLine.firstChild); return; }
      position = { lon: best.coords.longitude.toFixed(6), lat: best.coords.latitude.toFixed(6), accuracy_m: Math.round(best.coords.accuracy), datum: form.dataset.datum };
      showPosition();
      keep();
    }
  });

  function say(text) {
    trouble.textContent = text;
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "center" });
  }

  function titleOf() { return form.dataset.corrects ? firm.name + " · " + texts.correction : firm.name; }
  function leave() {
    if (sheet) { close(); return undefined; }
    var onward = form.dataset.onward + (form.dataset.corrects ? "#corrected-" + attempt.uuid : "");
    var kept = navigator.onLine !== false ? Promise.resolve(true) : window.caches ? caches.match(form.dataset.onward) : Promise.resolve(false);
    return kept.then(function (found) {
      if (found) { window.location.assign(onward); return; }
      /* Without a network the route may not open: stay, and say that nothing is lost. */
      say(texts.kept);
      form.querySelector(".send").hidden = true;
    });
  }

  form.addEventListener("submit", function (event) {
    var found = content();
    var figures = firm ? firm.registered.map(function (one) { return one.employees; }) : [];
    var doubt = checks.firstDoubt(found, figures, texts);
    if (doubt && !checks.isAnswered(form, doubt)) { event.preventDefault(); checks.sayAt(form, doubt); return; }
    if (!usable) { return; }
    event.preventDefault();
    if (!found.result) { say(texts.choose_result); return; }
    var button = form.querySelector(".send button");
    button.disabled = true;
    button.textContent = texts.saving;
    trouble.hidden = true;
    /* One visit, however often she taps: a second try must not become a second visit. */
    attempt = attempt || { uuid: queue.newUuid(), visited_at: new Date().toISOString() };
    found.uuid = attempt.uuid;
    /* A correction stays with the firm of its visit; naming the firm would mark today's stop. */
    if (!form.dataset.corrects) { found.enterprise_id = firm.id; found.firm_name = firm.name; }
    found.visited_at = attempt.visited_at;
    if (attempt.clock_ahead_s !== undefined) { found.clock_ahead_s = attempt.clock_ahead_s; }
    found.begun_at = begun;
    if (form.dataset.corrects) { found.corrects = form.dataset.corrects; found.based_on = form.dataset.basedOn; found.visited_at = form.dataset.visitedAt; }
    var parts = attached.map(function (one) { return { uuid: one.uuid, kind: one.kind, blob: files.blobOf(one.data) }; });
    var where = place();
    queue.save("visit", "/sync/visits/" + found.uuid, found, titleOf(), parts, where).then(function () {
      keeping = keeping.then(function () { return queue.dropDraft(where); });
      return keeping.then(leave);
    }, function () {
      attempt.clock_ahead_s = found.clock_ahead_s;
      say(texts.not_kept);
      return queue.sendNow("/sync/visits/" + found.uuid, found, parts).then(leave, function () { say(texts.lost_both); });
    }).then(function () { button.disabled = false; button.textContent = texts.send; });
  });

  /* On the route page the form is a sheet over the list; the way back is the browser's own. */
  function behind() { return document.querySelectorAll("body > header, body > footer, body > .sync, main > :not(#visit-sheet)"); }
  function close() {
    if (window.location.hash.indexOf("#visit-") === 0) { history.back(); } else { hide(); }
  }
  function hide() {
    sheet.hidden = true;
    behind().forEach(function (part) { part.classList.remove("behind"); });
    firm = null;
    window.dispatchEvent(new Event("resize"));
  }
  function openFromAddress() {
    var match = /^#visit-(\d+)$/.exec(window.location.hash);
    var wanted = match ? forms.filter(function (one) { return String(one.id) === match[1]; })[0] : null;
    if (!wanted) { if (!sheet.hidden) { hide(); } return; }
    document.getElementById("sheet-name").textContent = wanted.name;
    document.getElementById("sheet-address").textContent = wanted.address;
    behind().forEach(function (part) { part.classList.add("behind"); });
    sheet.hidden = false;
    window.scrollTo(0, 0);
    openFor(wanted).then(function () { document.getElementById("sheet-name").focus({ preventScroll: true }); });
  }
  form.querySelector("[data-extras]").hidden = !usable;
  var forms = [];
  if (sheet) {
    if (!usable) { return; }
    forms = JSON.parse(document.getElementById("visit-forms").textContent);
    sheet.querySelector("[data-close]").addEventListener("click", close);
    document.addEventListener("click", function (event) {
      var link = event.target.closest ? event.target.closest("a[data-visit]") : null;
      if (!link || event.ctrlKey || event.metaKey || !forms.some(function (one) { return String(one.id) === link.dataset.visit; })) { return; }
      event.preventDefault();
      window.location.hash = "visit-" + link.dataset.visit;
    });
    window.addEventListener("hashchange", openFromAddress);
    openFromAddress();
  } else {
    firm = JSON.parse(document.getElementById("visit-firm").textContent);
    begun = new Date().toISOString();
    if (!form.dataset.sent) { openFor(firm); }
    show();
  }
}());
