/* What lies on the phone: one database, its contents sealed by a key that no script can read out. */
(function () {
  "use strict";
  var subtle = window.isSecureContext && window.crypto ? window.crypto.subtle : null;
  var opening = null;
  var utf8 = { to: function (text) { return new TextEncoder().encode(text); }, from: function (bytes) { return new TextDecoder().decode(bytes); } };

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

  function all(store) { return withStore(function (db) { return db.getAll(store); }); }

  window.OutreachStore = {
    usable: Boolean(window.indexedDB && window.idb && window.fetch && window.TextEncoder),
    seals: Boolean(subtle),
    utf8: utf8, withStore: withStore, all: all, bytesOf: bytesOf, seal: seal, unseal: unseal, digest: digest, canonical: canonical, newUuid: newUuid
  };
}());
