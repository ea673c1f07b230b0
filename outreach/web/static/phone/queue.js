/* The phone's queue. A record is on the phone, sealed, before anything is sent, and is forgotten
   only thirty days after the server's receipt carried the digest of what was saved. */
(function () {
  "use strict";
  var DAY_MS = 86400000;
  var KEPT_MS = 30 * DAY_MS;
  var DAY_CHANGES_MS = 6 * DAY_MS;
  var ASKED_AT_ONCE = 1500;
  var WAITS_MS = [2000, 5000, 15000, 60000, 300000];
  var account = document.body.dataset.account || "";
  var subtle = window.isSecureContext && window.crypto ? window.crypto.subtle : null;
  var bus = window.BroadcastChannel ? new BroadcastChannel("outreach-queue") : null;
  var listeners = [];
  var opening = null;
  var timer = null;
  var tries = 0;
  var ahead = null;
  var sentOff = {};

  function open() {
    if (!opening) {
      opening = idb.openDB("outreach", 1, {
        upgrade: function (db) {
          db.createObjectStore("keys");
          db.createObjectStore("records", { keyPath: "uuid" });
          db.createObjectStore("attachments", { keyPath: "uuid" });
          db.createObjectStore("blobs");
          db.createObjectStore("drafts");
        },
        blocking: function () { if (opening) { opening.then(function (db) { db.close(); }); opening = null; } },
        terminated: function () { opening = null; }
      });
      opening.catch(function () { opening = null; });
    }
    return opening;
  }

  /* A phone that slept may have lost its connection to the store: one more try opens it anew. */
  function withStore(work) {
    return open().then(work).catch(function (error) {
      if (error && error.name === "InvalidStateError") { opening = null; return open().then(work); }
      throw error;
    });
  }

  function key() {
    return withStore(function (db) {
      return db.get("keys", "seal").then(function (known) {
        if (known) { return known; }
        return subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]).then(function (made) {
          return db.add("keys", made, "seal").then(function () { return made; }, function () { return db.get("keys", "seal"); });
        });
      });
    });
  }

  /* The bytes of photos lie apart, so that counting what waits never reads them. */
  function boxOf(row) {
    return row.sealed ? Promise.resolve(row.sealed) : withStore(function (db) { return db.get("blobs", row.uuid); });
  }
  function bytesOf(row) { return boxOf(row).then(unseal); }

  function seal(bytes) {
    if (!subtle) { return Promise.resolve({ open: bytes }); }
    var iv = crypto.getRandomValues(new Uint8Array(12));
    return key().then(function (secret) { return subtle.encrypt({ name: "AES-GCM", iv: iv }, secret, bytes); })
      .then(function (data) { return { iv: iv, data: data }; });
  }

  function unseal(box) {
    if (box.open) { return Promise.resolve(new Uint8Array(box.open)); }
    return key().then(function (secret) { return subtle.decrypt({ name: "AES-GCM", iv: box.iv }, secret, box.data); })
      .then(function (data) { return new Uint8Array(data); });
  }

  function digest(bytes) {
    if (!subtle) { return Promise.resolve(""); }
    return subtle.digest("SHA-256", bytes).then(function (data) {
      return Array.prototype.map.call(new Uint8Array(data), function (byte) { return (byte + 256).toString(16).slice(1); }).join("");
    });
  }

  /* One spelling for one content: sorted names, no blanks, only whole numbers. */
  function canonical(value) {
    if (Array.isArray(value)) { return "[" + value.map(canonical).join(",") + "]"; }
    if (value && typeof value === "object") {
      return "{" + Object.keys(value).sort().map(function (name) { return JSON.stringify(name) + ":" + canonical(value[name]); }).join(",") + "}";
    }
    if (typeof value === "string") { return JSON.stringify(value.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(^|[^\ud800-\udbff])[\udc00-\udfff]/g, "$1\ufffd")); }
    return JSON.stringify(value);
  }

  function newUuid() {
    if (window.crypto && crypto.randomUUID) { return crypto.randomUUID(); }
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.prototype.map.call(bytes, function (byte) { return (byte + 256).toString(16).slice(1); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  /* The server's clock as far as it is known: that of a phone may be years off. */
  function serverNow() { return Date.now() - (ahead || 0) * 1000; }
  function dayOf(moment) { return new Date(moment + 8 * 3600000).toISOString().slice(0, 10); }
  var utf8 = { to: function (text) { return new TextEncoder().encode(text); }, from: function (bytes) { return new TextDecoder().decode(bytes); } };

  /* Saves a record with its attachments in one durable step, in which the draft it was made of ends;
     resolves only when it is on the phone. */
  function save(kind, address, content, title, files, draft) {
    var now = Date.now();
    if (ahead !== null && content.clock_ahead_s === undefined) { content.clock_ahead_s = ahead; }
    if (draft) { sentOff[draft] = true; }
    var body = utf8.to(canonical(content));
    var parts = (files || []).map(function (file) {
      return file.blob.arrayBuffer().then(function (buffer) {
        var bytes = new Uint8Array(buffer);
        return Promise.all([seal(bytes), digest(bytes)]).then(function (both) {
          return { uuid: file.uuid, visit: content.uuid, kind: file.kind, type: file.blob.type, account: account, state: "waiting", saved_at: now, sha256: both[1], box: both[0] };
        });
      });
    });
    return Promise.all([seal(body), digest(body), seal(utf8.to(title || "")), Promise.all(parts)]).then(function (made) {
      var record = { uuid: content.uuid, account: account, kind: kind, address: address, enterprise: content.enterprise_id || 0, result: content.result || "", state: "waiting", saved_at: now, day: dayOf(now), sealed: made[0], sha256: made[1], title: made[2] };
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
    var body = utf8.to(canonical(content));
    return Promise.all([digest(body), send("PUT", address, body, "application/json")]).then(function (both) {
      var taken = verdict({ sha256: both[0] }, both[1]);
      if (!taken || taken.state === "refused") { throw new Error(taken ? taken.message : "not sent"); }
      return (files || []).reduce(function (before, file) {
        return before.then(function () { return send("PUT", "/sync/attachments/" + file.uuid + "?visit=" + content.uuid + "&kind=" + file.kind, file.blob, file.blob.type); })
          .then(function (answer) { if (!answer.said.sha256) { throw new Error(answer.said.message || "not sent"); } });
      }, Promise.resolve());
    });
  }

  function all(store) { return withStore(function (db) { return db.getAll(store); }); }
  function mine(rows) { return rows.filter(function (row) { return row.account === account; }); }

  function changed() {
    listeners.forEach(function (listener) { listener(); });
    if (bus) { bus.postMessage("changed"); }
  }
  if (bus) { bus.onmessage = function () { listeners.forEach(function (listener) { listener(); }); }; }

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
        return bytesOf(row).then(function (bytes) { return ask(row, bytes); }, function () { return { status: 422, said: { message: "sealed" } }; })
          .then(function (answer) {
            var found = verdict(row, answer);
            if (found) { return note(store, row.uuid, found).then(function () { changed(); return { stop: 0, stumbled: round.stumbled }; }); }
            return answer.status === 500 ? { stop: 0, stumbled: 500 } : { stop: answer.status, stumbled: round.stumbled };
          });
      });
    }, Promise.resolve(before));
  }

  function waiting(store) {
    return all(store).then(function (rows) {
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

  /* Asks whether the server still has what it acknowledged: a restored backup may have lost it.
     Changes of a day are worth sending again only while that day can be changed. */
  function recheck() {
    return Promise.all([all("records"), all("attachments")]).then(function (both) {
      var sent = [];
      both.forEach(function (rows, place) {
        mine(rows).forEach(function (row) {
          var worth = place || row.kind === "visit" || serverNow() - row.at < DAY_CHANGES_MS;
          if (worth && (row.state === "received" || row.state === "held") && row.sha256) { sent.push({ row: row, store: place ? "attachments" : "records" }); }
        });
      });
      var parts = [];
      for (var at = 0; at < sent.length; at += ASKED_AT_ONCE) { parts.push(sent.slice(at, at + ASKED_AT_ONCE)); }
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
      return all(store).then(function (rows) {
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
        if (going === true) { tries = 0; state.offline = false; } else if (going !== undefined) { again(); }
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
      return all(store).then(function (rows) {
        return Promise.all(mine(rows).filter(function (row) { return row.state === "refused"; }).map(function (row) { return note(store, row.uuid, { state: "waiting" }); }));
      });
    })).then(sync);
  }
  function waitingCount() {
    return Promise.all([waiting("records"), waiting("attachments")]).then(function (both) { return both[0].length + both[1].length; });
  }
  var state = { problem: "", offline: false };

  function summary() {
    return Promise.all([all("records"), all("attachments")]).then(function (both) {
      var own = mine(both[0]);
      var today = dayOf(Date.now());
      var sent = own.filter(function (row) { return row.state === "received" || row.state === "held"; });
      var open_ = own.filter(function (row) { return row.state === "waiting"; });
      var ofToday = own.filter(function (row) { return row.day === today && row.kind === "visit"; });
      return {
        waiting: open_.length,
        photos: mine(both[1]).filter(function (row) { return row.state === "waiting"; }).length,
        held: own.filter(function (row) { return row.state === "held" || row.state === "refused"; }),
        rows: open_,
        others: both[0].filter(function (row) { return row.account !== account && row.state === "waiting"; }).length,
        last: sent.reduce(function (late, row) { return Math.max(late, row.at); }, 0),
        oldest: open_.reduce(function (old, row) { return Math.min(old, row.saved_at); }, Infinity),
        saved_today: ofToday.length,
        received_today: ofToday.filter(function (row) { return row.state === "received" || row.state === "held"; }).length,
        done: ofToday.map(function (row) { return { enterprise: row.enterprise, result: row.result, state: row.state }; }),
        offline: state.offline || navigator.onLine === false,
        problem: state.problem,
        sealed: Boolean(subtle)
      };
    });
  }

  function titleOf(row) { return unseal(row.title).then(utf8.from, function () { return ""; }); }

  /* Everything that is not received yet, readable, for a file that a person carries to the office. */
  function exportFile() {
    return Promise.all([all("records"), all("attachments")]).then(function (both) {
      var open_ = both[0].filter(function (row) { return row.state !== "received"; });
      var files = both[1].filter(function (row) { return row.state !== "received"; });
      return Promise.all([
        Promise.all(open_.map(function (row) { return bytesOf(row).then(function (bytes) { return { uuid: row.uuid, account: row.account, kind: row.kind, address: row.address, saved_at: row.saved_at, sha256: row.sha256, body: utf8.from(bytes) }; }); })),
        Promise.all(files.map(function (row) { return bytesOf(row).then(function (bytes) {
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
    return seal(utf8.to(JSON.stringify(value))).then(function (box) { return sentOff[place] ? undefined : withStore(function (db) { return db.put("drafts", { sealed: box, saved_at: Date.now() }, account + ":" + place); }); });
  }
  function readDraft(place) {
    delete sentOff[place];
    return withStore(function (db) { return db.get("drafts", account + ":" + place); }).then(function (row) {
      return row ? unseal(row.sealed).then(function (bytes) { return JSON.parse(utf8.from(bytes)); }) : null;
    }).catch(function () { return null; });
  }
  function dropDraft(place) { return withStore(function (db) { return db.delete("drafts", account + ":" + place); }).catch(function () { return undefined; }); }

  window.OutreachQueue = {
    usable: Boolean(window.indexedDB && window.idb && window.fetch && window.TextEncoder),
    account: account, save: save, sendNow: sendNow, sync: sync, retry: retry, summary: summary, titleOf: titleOf, exportFile: exportFile, newUuid: newUuid,
    keepDraft: keepDraft, readDraft: readDraft, dropDraft: dropDraft,
    onChange: function (listener) { listeners.push(listener); }
  };
  window.addEventListener("online", function () { tries = 0; sync(); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { tries = 0; sync(); } });
  if (window.OutreachQueue.usable && account) { sync(); }
}());
