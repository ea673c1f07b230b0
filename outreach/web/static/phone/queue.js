/* The phone's queue. A record is on the phone, sealed, before anything is sent, and is forgotten
   only thirty days after the server's receipt carried the digest of what was saved. */
(function () {
  "use strict";
  var DAY_MS = 86400000;
  var KEPT_MS = 30 * DAY_MS;
  var DAY_CHANGES_MS = 6 * DAY_MS;
  var ASKED_AT_ONCE = 1500;
  var REACH_MS = 5000;
  var WAITS_MS = [2000, 5000, 15000, 60000, 300000];
  var account = document.body.dataset.account || "";
  var safe = window.OutreachStore;
  var utf8 = safe.utf8;
  var withStore = safe.withStore;
  var bus = window.BroadcastChannel ? new BroadcastChannel("outreach-queue") : null;
  var listeners = [];
  var sentListeners = [];
  var timer = null;
  var tries = 0;
  var ahead = null;
  var sentOff = {};

  /* The server's clock as far as it is known: that of a phone may be years off. */
  function serverNow() { return Date.now() - (ahead || 0) * 1000; }
  /* The day in China, by the server's clock once that is known. */
  function savedOn(row) { return dayOf(row.saved_at - (ahead || 0) * 1000); }
  function dayOf(moment) { return new Date(moment + 8 * 3600000).toISOString().slice(0, 10); }

  /* Saves a record with its attachments in one durable step, in which the draft it was made of ends;
     resolves only when it is on the phone. */
  function save(kind, address, content, title, files, draft) {
    var now = Date.now();
    if (ahead !== null && content.clock_ahead_s === undefined) { content.clock_ahead_s = ahead; }
    if (draft) { sentOff[draft] = true; }
    var body = utf8.to(safe.canonical(content));
    var parts = (files || []).map(function (file) {
      return file.blob.arrayBuffer().then(function (buffer) {
        var bytes = new Uint8Array(buffer);
        return Promise.all([safe.seal(bytes), safe.digest(bytes)]).then(function (both) {
          return { uuid: file.uuid, visit: content.uuid, kind: file.kind, type: file.blob.type, account: account, state: "waiting", saved_at: now, sha256: both[1], box: both[0] };
        });
      });
    });
    return Promise.all([safe.seal(body), safe.digest(body), safe.seal(utf8.to(title || "")), Promise.all(parts)]).then(function (made) {
      var record = { uuid: content.uuid, account: account, kind: kind, address: address, enterprise: content.enterprise_id || 0, result: content.result || "", state: "waiting", saved_at: now, sealed: made[0], sha256: made[1], title: made[2] };
      return withStore(function (db) {
        var step = db.transaction(["records", "attachments", "blobs", "drafts"], "readwrite", { durability: "strict" });
        var writes = [step.objectStore("records").put(record)];
        if (draft) { writes.push(step.objectStore("drafts").delete(account + ":" + draft)); }
        made[3].forEach(function (part) {
          var box = part.box;
          delete part.box;
          writes.push(step.objectStore("blobs").put(box, part.uuid), step.objectStore("attachments").put(part));
        });
        writes.push(step.done);
        return Promise.all(writes).then(function () { return db.count("records", record.uuid); });
      }).then(function (kept) {
        if (!kept) { throw new Error("not kept"); }
        if (navigator.storage && navigator.storage.persist) { navigator.storage.persist().catch(function () { return false; }); }
        changed();
        soon(0);
        return record;
      });
    }).catch(function (error) {
      if (draft) { delete sentOff[draft]; }
      throw error;
    });
  }

  /* The last resort when the phone keeps nothing: straight to the server, or not at all. */
  function sendNow(address, content, files) {
    var body = utf8.to(safe.canonical(content));
    return Promise.all([safe.digest(body), send("PUT", address, body, "application/json")]).then(function (both) {
      var taken = verdict({ sha256: both[0] }, both[1]);
      if (!taken || taken.state === "refused") { throw new Error(taken ? taken.message : "not sent"); }
      return (files || []).reduce(function (before, file) {
        return before.then(function () { return send("PUT", "/sync/attachments/" + file.uuid + "?visit=" + content.uuid + "&kind=" + file.kind, file.blob, file.blob.type); })
          .then(function (answer) { if (!answer.said.sha256) { throw new Error(answer.said.message || "not sent"); } });
      }, Promise.resolve());
    });
  }

  function mine(rows) { return rows.filter(function (row) { return row.account === account; }); }

  function changed() {
    listeners.forEach(function (listener) { listener(); });
    if (bus) { bus.postMessage("changed"); }
  }
  if (bus) { bus.onmessage = function () { listeners.forEach(function (listener) { listener(); }); }; }

  /* What the server says to this account right now: 200, another status, or 0 where none is reached. */
  function reach() {
    var late = new Promise(function (resolve) { setTimeout(function () { resolve({ status: 0 }); }, REACH_MS); });
    return Promise.race([send("POST", "/sync/known", JSON.stringify({ records: {} }), "application/json"), late])
      .then(function (answer) { return answer.status; }, function () { return 0; });
  }

  function send(method, address, body, type) {
    return fetch(address, { method: method, body: body, credentials: "same-origin", cache: "no-store",
      headers: { Accept: "application/json", "Content-Type": type, "X-Outreach-Queue": "1", "X-Phone-Clock": String(Date.now()) } })
      .then(function (answer) {
        return answer.json().catch(function () { return {}; }).then(function (said) {
          var server = Date.parse(said.at || answer.headers.get("Date") || "");
          if (server) { ahead = Math.round((Date.now() - server) / 1000); }
          return { status: answer.status, said: said };
        });
      });
  }

  /* What an answer means for a record: null says that it must wait and the rest with it. */
  function verdict(record, answer) {
    var said = answer.said;
    if (said.sha256 && (said.sha256 === record.sha256 || !record.sha256)) {
      var taken = answer.status === 200 || answer.status === 201;
      return { state: taken ? "received" : "held", at: serverNow(), reason: said.reason || "", message: said.message || "" };
    }
    if (answer.status === 400 || answer.status === 409 || answer.status === 413 || answer.status === 422) {
      return { state: "refused", at: serverNow(), reason: "", message: said.message || String(answer.status) };
    }
    return null;
  }

  function note(store, uuid, change) {
    return withStore(function (db) {
      var step = db.transaction(store, "readwrite");
      return step.store.get(uuid).then(function (row) {
        if (!row) { return step.done; }
        Object.keys(change).forEach(function (name) { row[name] = change[name]; });
        return Promise.all([step.store.put(row), step.done]);
      });
    });
  }

  /* Sends one after the other. A record on which the server stumbles stays and lets the rest pass;
     a server that answers nobody, or not this account, ends the round. */
  function sendRows(store, rows, ask, before) {
    return rows.reduce(function (earlier, row) {
      return earlier.then(function (round) {
        if (round.stop) { return round; }
        return safe.bytesOf(row).then(function (bytes) { return ask(row, bytes); }, function () { return { status: 422, said: { message: "sealed" } }; })
          .then(function (answer) {
            var found = verdict(row, answer);
            if (found) {
              return note(store, row.uuid, found).then(function () {
                changed();
                if (found.state === "received") { sentListeners.forEach(function (listener) { listener(row.kind); }); }
                return { stop: 0, stumbled: round.stumbled };
              });
            }
            return answer.status === 500 ? { stop: 0, stumbled: 500 } : { stop: answer.status, stumbled: round.stumbled };
          });
      });
    }, Promise.resolve(before));
  }

  function waiting(store) {
    return safe.all(store).then(function (rows) {
      return mine(rows).filter(function (row) { return row.state === "waiting"; }).sort(function (a, b) { return a.saved_at - b.saved_at; });
    });
  }

  /* True when everything that waited is settled, else the status that says why not. */
  function sendAll() {
    return waiting("records")
      .then(function (rows) { return sendRows("records", rows, function (row, bytes) { return send("PUT", row.address, bytes, "application/json"); }, { stop: 0, stumbled: 0 }); })
      .then(function (round) {
        return waiting("attachments").then(function (rows) {
          return sendRows("attachments", rows, function (row, bytes) {
            return send("PUT", "/sync/attachments/" + row.uuid + "?visit=" + row.visit + "&kind=" + row.kind, bytes, row.type || "application/octet-stream");
          }, round);
        });
      })
      .then(function (round) { return round.stop || round.stumbled || true; });
  }

  /* Asks whether the server still has what it acknowledged: a restored backup may have lost it. Even
     where there is nothing to ask for, the answer tells whether she is signed in, and the time.
     Changes of a day are worth sending again only while that day can be changed. */
  function recheck() {
    return Promise.all([safe.all("records"), safe.all("attachments")]).then(function (both) {
      var sent = [];
      both.forEach(function (rows, place) {
        mine(rows).forEach(function (row) {
          var worth = place || row.kind === "visit" || serverNow() - row.at < DAY_CHANGES_MS;
          if (worth && (row.state === "received" || row.state === "held") && row.sha256) { sent.push({ row: row, store: place ? "attachments" : "records" }); }
        });
      });
      var parts = [];
      for (var at = 0; at === 0 || at < sent.length; at += ASKED_AT_ONCE) { parts.push(sent.slice(at, at + ASKED_AT_ONCE)); }
      return parts.reduce(function (before, part) {
        return before.then(function (known) { return known.status ? known : askFor(part, known); });
      }, Promise.resolve({ status: 0, lost: 0 })).then(function (known) {
        if (known.lost) { changed(); }
        if (known.status) { return known.status; }
        return known.lost ? sendAll() : true;
      });
    });
  }

  function askFor(part, before) {
    var records = {};
    part.forEach(function (one) { records[one.row.uuid] = one.row.sha256; });
    return send("POST", "/sync/known", JSON.stringify({ records: records }), "application/json").then(function (answer) {
      if (answer.status !== 200) { return { status: answer.status, lost: before.lost }; }
      var gone = {};
      (answer.said.unknown || []).forEach(function (uuid) { gone[uuid] = true; });
      var lost = part.filter(function (one) { return gone[one.row.uuid]; });
      return Promise.all(lost.map(function (one) { return note(one.store, one.row.uuid, { state: "waiting" }); }))
        .then(function () { return { status: 0, lost: before.lost + lost.length }; });
    });
  }

  function forgetOld() {
    return Promise.all(["records", "attachments"].map(function (store) {
      return safe.all(store).then(function (rows) {
        var old = rows.filter(function (row) { return row.state === "received" && serverNow() - row.at > KEPT_MS; });
        return withStore(function (db) {
          return Promise.all(old.map(function (row) { return Promise.all([db.delete(store, row.uuid), db.delete("blobs", row.uuid)]); }));
        });
      });
    }));
  }

  var running = null;
  /* Something was saved while a round was under way that had read its rows before. */
  var missed = false;
  var checked = null;
  function sync() {
    if (!account) { return Promise.resolve(); }
    if (running) { missed = true; return running; }
    var work = function (lock) {
      if (lock === null) { soon(WAITS_MS[1]); return undefined; }
      return sendAll().then(function (going) {
        if (going === true && (checked === null || performance.now() - checked > 600000)) {
          return recheck().then(function (known) { if (known === true) { checked = performance.now(); } return known; }).then(function (known) { return forgetOld().then(function () { return known; }); });
        }
        return going;
      });
    };
    running = (navigator.locks ? navigator.locks.request("outreach-sync", { ifAvailable: true }, work) : Promise.resolve().then(work))
      .then(function (going) {
        state.problem = going === true || going === undefined ? "" : going === 401 ? "signed_out" : going === 403 ? "not_allowed" : "server";
        if (going !== undefined) { state.offline = false; }
        if (going === true) { tries = 0; } else if (going !== undefined) { again(); }
      })
      .catch(function () { state.offline = true; again(); })
      .then(function () {
        running = null;
        changed();
        if (missed) { missed = false; soon(0); }
      });
    return running;
  }
  function again() { soon(WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]); tries += 1; }
  function soon(ms) {
    clearTimeout(timer);
    timer = setTimeout(function () { waitingCount().then(function (count) { if (count || checked === null) { sync(); } }); }, ms);
  }
  /* What the server refused is tried again when she asks for it: what was wrong may be mended. */
  function retry() {
    return Promise.all(["records", "attachments"].map(function (store) {
      return safe.all(store).then(function (rows) {
        return Promise.all(mine(rows).filter(function (row) { return row.state === "refused"; }).map(function (row) { return note(store, row.uuid, { state: "waiting" }); }));
      });
    })).then(sync);
  }
  function waitingCount() {
    return Promise.all([waiting("records"), waiting("attachments")]).then(function (both) { return both[0].length + both[1].length; });
  }
  var state = { problem: "", offline: false };

  function summary() {
    return Promise.all([safe.all("records"), safe.all("attachments")]).then(function (both) {
      var own = mine(both[0]);
      var today = dayOf(serverNow());
      var sent = own.filter(function (row) { return row.state === "received" || row.state === "held"; });
      var open_ = own.filter(function (row) { return row.state === "waiting"; });
      var visits = own.filter(function (row) { return row.kind === "visit"; }).sort(function (a, b) { return a.saved_at - b.saved_at; });
      var ofToday = visits.filter(function (row) { return savedOn(row) === today; });
      var files = mine(both[1]).filter(function (row) { return row.state === "waiting"; });
      var states = {};
      own.forEach(function (row) { states[row.uuid] = row.state; });
      return {
        waiting: open_.length,
        photos: files.filter(function (row) { return row.kind === "photo"; }).length,
        voices: files.filter(function (row) { return row.kind !== "photo"; }).length,
        held: own.filter(function (row) { return row.state === "held" || row.state === "refused"; }),
        rows: open_,
        others: both[0].filter(function (row) { return row.account !== account && row.state === "waiting"; }).length,
        last: sent.reduce(function (late, row) { return Math.max(late, row.at); }, 0),
        oldest: open_.reduce(function (old, row) { return Math.min(old, row.saved_at); }, Infinity),
        saved_today: ofToday.length,
        received_today: ofToday.filter(function (row) { return row.state === "received" || row.state === "held"; }).length,
        done: visits.map(function (row) { return { enterprise: row.enterprise, result: row.result, state: row.state, day: savedOn(row) }; }),
        states: states,
        offline: state.offline || navigator.onLine === false,
        problem: state.problem,
        sealed: safe.seals
      };
    });
  }

  function titleOf(row) { return safe.unseal(row.title).then(utf8.from, function () { return ""; }); }

  /* Everything that is not received yet, readable, for a file that a person carries to the office. */
  function exportFile() {
    return Promise.all([safe.all("records"), safe.all("attachments")]).then(function (both) {
      var open_ = both[0].filter(function (row) { return row.state !== "received"; });
      var files = both[1].filter(function (row) { return row.state !== "received"; });
      return Promise.all([
        Promise.all(open_.map(function (row) { return safe.bytesOf(row).then(function (bytes) { return { uuid: row.uuid, account: row.account, kind: row.kind, address: row.address, saved_at: row.saved_at, sha256: row.sha256, body: utf8.from(bytes) }; }); })),
        Promise.all(files.map(function (row) { return safe.bytesOf(row).then(function (bytes) {
          var text = "";
          for (var at = 0; at < bytes.length; at += 8192) { text += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192)); }
          return { uuid: row.uuid, visit: row.visit, account: row.account, kind: row.kind, type: row.type, sha256: row.sha256, base64: btoa(text) };
        }); }))
      ]);
    }).then(function (parts) {
      return new Blob([JSON.stringify({ format: "visit-queue/1", made_at: new Date().toISOString(), records: parts[0], attachments: parts[1] })], { type: "application/json" });
    });
  }

  function keepDraft(place, value) {
    return safe.seal(utf8.to(JSON.stringify(value))).then(function (box) { return sentOff[place] ? undefined : withStore(function (db) { return db.put("drafts", { sealed: box, saved_at: Date.now() }, account + ":" + place); }); });
  }
  function readDraft(place) {
    delete sentOff[place];
    return withStore(function (db) { return db.get("drafts", account + ":" + place); }).then(function (row) {
      return row ? safe.unseal(row.sealed).then(function (bytes) { return JSON.parse(utf8.from(bytes)); }) : null;
    }).catch(function () { return null; });
  }
  function dropDraft(place) { return withStore(function (db) { return db.delete("drafts", account + ":" + place); }).catch(function () { return undefined; }); }

  window.OutreachQueue = {
    usable: safe.usable,
    account: account, save: save, sendNow: sendNow, sync: sync, retry: retry, summary: summary, titleOf: titleOf, exportFile: exportFile, reach: reach, newUuid: safe.newUuid,
    keepDraft: keepDraft, readDraft: readDraft, dropDraft: dropDraft,
    dayOf: dayOf, onChange: function (listener) { listeners.push(listener); },
    onSent: function (listener) { sentListeners.push(listener); }
  };
  window.addEventListener("online", function () { tries = 0; sync(); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { tries = 0; sync(); } });
  if (window.OutreachQueue.usable && account) { sync(); }
}());
