/* What the worker always sees: how much is not received yet, and the last receipt. */
(function () {
  "use strict";
  function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, function (whole, name) { return values[name] === undefined ? whole : values[name]; });
  }
  window.OutreachFill = fill;
  var queue = window.OutreachQueue;
  var line = document.getElementById("sync");
  if (!queue || !line) { return; }
  var texts = JSON.parse(document.getElementById("sync-texts").textContent);
  var text = line.querySelector("[data-sync=text]");
  var more = document.getElementById("sync-more");
  var list = document.getElementById("sync-rows");
  var end = document.getElementById("day-end");
  var notice = document.getElementById("sync-notice");
  var DAY_MS = 86400000;

  function clock(moment) {
    return new Date(moment).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  }
  function when(moment) {
    var day = function (one) { return new Date(one + 8 * 3600000).toISOString().slice(5, 10); };
    return day(moment) === day(Date.now()) ? clock(moment) : day(moment) + " " + clock(moment);
  }

  /* Visits and changes, and apart from them what hangs on a visit. */
  function counted(now) {
    return [["records", now.waiting], ["photos", now.photos], ["voices", now.voices]]
      .filter(function (one) { return one[1]; })
      .map(function (one) { return fill(texts[one[0]], { count: one[1] }); })
      .reduce(function (before, next) { return before ? fill(texts.both, { one: before, other: next }) : next; }, "");
  }

  function show() {
    queue.summary().then(function (now) {
      var open_ = now.waiting + now.photos + now.voices;
      var parts = [open_ ? fill(texts.waiting, { what: counted(now) }) : texts.none];
      if (now.last) { parts.push(fill(texts.last, { time: when(now.last) })); }
      if (now.offline) { parts.push(texts.offline); }
      text.textContent = parts.join(" · ");
      var late = Date.now() - now.oldest > DAY_MS;
      line.classList.toggle("late", late || now.problem !== "" || now.held.length > 0);
      line.classList.toggle("open", open_ > 0);
      line.dataset.waiting = String(open_);
      line.dataset.saved = String(now.saved_today);
      line.dataset.received = String(now.received_today);
      var warnings = [];
      if (now.problem) { warnings.push(texts[now.problem]); }
      if (late) { warnings.push(texts.old); }
      if (now.held.length) { warnings.push(fill(texts.held, { count: now.held.length })); }
      if (now.others) { warnings.push(fill(texts.others, { count: now.others })); }
      if (open_ && !now.sealed) { warnings.push(texts.open); }
      notice.textContent = warnings.join(" ");
      notice.hidden = !warnings.length;
      document.getElementById("sync-sign-in").hidden = now.problem !== "signed_out";
      end.textContent = now.saved_today ? fill(texts.day, { saved: now.saved_today, received: now.received_today }) : "";
      end.hidden = !now.saved_today;
      rows(now.rows.concat(now.held));
      marks(now.done);
    }).catch(function () { text.textContent = texts.no_store; line.classList.add("late"); });
  }

  function rows(found) {
    Promise.all(found.map(queue.titleOf)).then(function (titles) {
      list.textContent = "";
      found.forEach(function (row, place) {
        var item = document.createElement("li");
        var words = [titles[place], when(row.saved_at), row.state === "waiting" ? texts.state_waiting : row.state === "held" ? texts.state_held : texts.state_refused];
        if (row.reason) { words.push(row.reason); }
        if (row.message) { words.push(row.message); }
        item.textContent = words.filter(Boolean).join(" · ");
        list.appendChild(item);
      });
      more.hidden = !found.length;
    });
  }

  /* A stop whose visit lies on the phone is done for the worker, received or not; the same firm's
     stop on another day is not. Of several visits the one that waits longest decides. */
  function marks(done) {
    var found = {};
    done.forEach(function (visit) {
      if (visit.day !== document.body.dataset.day || found[visit.enterprise] === "waiting") { return; }
      found[visit.enterprise] = visit.state;
    });
    Object.keys(found).forEach(function (firm) {
      document.querySelectorAll('[data-stop="' + firm + '"]').forEach(function (stop) { mark(stop, found[firm]); });
    });
    document.dispatchEvent(new Event("outreach:marked"));
  }
  function mark(stop, found) {
    stop.dataset.saved = found;
    var state = stop.querySelector(".state");
    var number = stop.querySelector(".number");
    if (number) { number.classList.add("done"); }
    if (!state) { return; }
    var word = state.querySelector("b");
    if (word && !word.dataset.mark) { return; }
    if (!word) {
      word = document.createElement("b");
      word.dataset.mark = "yes";
      state.textContent = "";
      state.appendChild(word);
    }
    word.className = found === "refused" ? "" : "ok";
    word.textContent = found === "refused" ? texts.state_refused : "✓ " + (found === "waiting" ? texts.on_phone : texts.received);
  }

  document.getElementById("sync-now").addEventListener("click", function () { queue.retry(); });
  document.getElementById("sync-file").addEventListener("click", function () {
    queue.exportFile().then(function (blob) {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = fill(texts.file_name, { day: new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10) }) + ".json";
      document.body.appendChild(link);
      link.click();
      link.remove();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
    });
  });

  if (!queue.usable) { text.textContent = texts.no_store; return; }
  queue.onChange(show);
  show();
  setInterval(show, 30000);
}());
