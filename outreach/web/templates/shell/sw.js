/* Keeps the phone's pages usable without a network. It never touches what waits to be sent. */
"use strict";
const SHELL = "shell-{{ version }}";
const PAGES = "pages";
const FILES = {{ addresses|tojson }};
const HOME = {{ url_for("routes.today")|tojson }};
const WAIT_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELL && name !== PAGES).map((name) => caches.delete(name))))
      .then(() => self.clients.claim())
      .then(keepOpenPages)
  );
});

/* The page that was open before this program was there would else be missing without a network, and
   a page kept from before names files of before. */
async function keepOpenPages() {
  const pages = await caches.open(PAGES);
  const open = await self.clients.matchAll({ type: "window" });
  const addresses = open.map((tab) => new URL(tab.url)).filter((address) => address.pathname === HOME);
  await Promise.all(addresses.map(async (address) => {
    try {
      const answer = await fetch(address.pathname + address.search, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) { await pages.put(address.pathname + address.search, answer); }
    } catch (error) { /* no network now: the next load keeps it */ }
  }));
}

self.addEventListener("message", (event) => {
  if (event.data === "forget-pages") { event.waitUntil(caches.delete(PAGES)); }
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) { return; }
  if (request.mode === "navigate") {
    /* Whatever a form changed, the kept page no longer shows it. */
    if (request.method !== "GET") { event.waitUntil(caches.delete(PAGES)); return; }
    event.respondWith(page(event, request, address));
    return;
  }
  if (request.method === "GET" && (address.pathname.startsWith("/static/") || address.pathname.startsWith("/assets/"))) {
    event.respondWith(file(request));
  }
});

async function file(request) {
  const kept = await caches.match(request);
  if (kept) { return kept; }
  const answer = await fetch(request);
  if (answer.ok) { (await caches.open(SHELL)).put(request, answer.clone()); }
  return answer;
}

async function page(event, request, address) {
  if (address.pathname !== HOME) {
    try { return await fetch(request); } catch (error) {
      const home = await caches.match(HOME);
      return home ? Response.redirect(HOME + "#offline", 302) : Promise.reject(error);
    }
  }
  const pages = await caches.open(PAGES);
  const kept = await pages.match(request);
  const fresh = renew(pages, request, kept);
  if (kept && isOfToday(kept)) {
    event.waitUntil(fresh.catch(() => undefined));
    return kept;
  }
  const late = new Promise((resolve) => { setTimeout(resolve, WAIT_MS); });
  const answer = await Promise.race([fresh.catch(() => undefined), kept ? late : new Promise(() => undefined)].concat(kept ? [] : [fresh.catch(() => undefined)]));
  return answer || kept || (await pages.match(HOME)) || fresh;
}

async function renew(pages, request, kept) {
  const answer = await fetch(request);
  if (!answer.ok || answer.redirected) {
    if (answer.status === 401 || answer.type === "opaqueredirect") { await pages.delete(request); }
    return answer;
  }
  const copy = answer.clone();
  const before = kept ? kept.headers.get("X-Page") : null;
  await pages.put(request, copy);
  if (before && before !== answer.headers.get("X-Page")) {
    const tabs = await self.clients.matchAll({ type: "window" });
    tabs.forEach((tab) => tab.postMessage("newer-page"));
  }
  return answer;
}

function isOfToday(answer) {
  const made = new Date(answer.headers.get("Date"));
  const day = (moment) => new Date(moment.getTime() + 8 * 3600000).toISOString().slice(0, 10);
  return day(made) === day(new Date());
}
