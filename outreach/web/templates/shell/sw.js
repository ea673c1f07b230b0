/* Keeps the phone's pages usable without a network. It never touches what waits to be sent. */
"use strict";
const SHELL = "shell-{{ version }}";
const PAGES = "pages";
/* Which kept pages are of today and no form has changed since. All others are shown only where the
   network is slow or gone: a page that is old is better than none. */
const FRESH = "fresh";
const FILES = {{ addresses|tojson }};
const HOME = {{ url_for("routes.today")|tojson }};
const FOUND = {{ url_for("days.found")|tojson }};
const START = {{ url_for("accounts.home")|tojson }};
const SIGN_IN = {{ url_for("accounts.sign_in")|tojson }};
/* Who signs in or out here may not be the one for whom the pages were kept. */
const LEAVING = [SIGN_IN, {{ url_for("accounts.sign_out")|tojson }}, {{ url_for("phones.bind")|tojson }}];
const WAIT_MS = 4000;
const KEPT_MS = 7 * 86400000;
/* An answer that was asked for before a change may lack it. */
let changes = 0;
let posted = false;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const known = [SHELL, PAGES, FRESH];
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => !known.includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim())
      .then(keepAnew)
  );
});

/* The page that was open before this program was there would else be missing without a network, and
   a page kept from before names files of before. */
async function keepAnew() {
  await outdate();
  const pages = await caches.open(PAGES);
  const open = (await self.clients.matchAll({ type: "window" })).map((tab) => keyOf(new URL(tab.url)));
  const kept = await Promise.all((await pages.keys()).map(async (request) => {
    const key = keyOf(new URL(request.url));
    if (new URL(key || HOME, request.url).href === request.url) { return key; }
    await pages.delete(request);
    return key;
  }));
  for (const key of new Set([HOME, ...open, ...kept, FOUND])) { if (key) { await renew(key).catch(() => undefined); } }
}

self.addEventListener("message", (event) => {
  if (event.data && event.data.renew) {
    const key = keyOf(new URL(event.data.renew, self.location.href));
    event.waitUntil(outdate().then(() => renewStale(key)).catch(() => undefined));
  }
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) { return; }
  if (request.mode === "navigate") {
    /* Whatever a form changed, the kept page no longer shows it. */
    if (request.method !== "GET") {
      posted = true;
      event.waitUntil(LEAVING.includes(address.pathname) ? forget() : outdate());
      return;
    }
    event.respondWith(page(event, request, address));
    return;
  }
  if (request.method === "GET" && (address.pathname.startsWith("/static/") || address.pathname.startsWith("/assets/"))) {
    event.respondWith(file(request));
  }
});

async function file(request) {
  /* One cache is looked into, not all: a page asks for two dozen files at once. */
  const shell = await caches.open(SHELL);
  const kept = await shell.match(request);
  if (kept) { return kept; }
  const answer = await fetch(request);
  if (answer.ok) { shell.put(request, answer.clone()); }
  return answer;
}

/* Under which name a page is kept: one for each day, whichever stop was asked for; "" is not kept. */
function keyOf(address) {
  if (address.pathname === FOUND) { return FOUND; }
  if (address.pathname !== HOME) { return ""; }
  const day = address.searchParams.get("day");
  if (!day) { return HOME; }
  return /^\d{4}-\d\d-\d\d$/.test(day) ? HOME + "?day=" + day : "";
}

async function page(event, request, address) {
  const landed = posted;
  posted = false;
  if (landed || address.searchParams.has("lang")) { await outdate(); }
  const key = keyOf(address);
  const kept = key ? await (await caches.open(PAGES)).match(key) : undefined;
  if (kept && key !== FOUND && await isFresh(key)) {
    event.waitUntil(renew(key).catch(() => undefined));
    return kept;
  }
  const at = changes;
  const asked = fetch(request);
  event.waitUntil(asked.then((answer) => settle(key, address, answer.clone(), at)).catch(() => undefined));
  if (!kept) { return asked.catch((error) => instead(address, error)); }
  const late = new Promise((resolve) => { if (!landed) { setTimeout(resolve, WAIT_MS); } });
  const answer = await Promise.race([asked.catch(() => undefined), late]);
  if (answer && answer.status < 500) { return answer; }
  return (key === HOME && await ofToday(kept)) || kept;
}

/* Without a network: another kept page says why it is shown instead, except where it was meant. */
async function instead(address, error) {
  const home = await (await caches.open(PAGES)).match(HOME);
  if (!home) { throw error; }
  return Response.redirect(address.pathname === START ? HOME : HOME + "#offline", 302);
}

/* The home page that was kept yesterday shows yesterday; today's may have been looked at already. */
async function ofToday(home) {
  const today = dayOf(Date.now());
  if ((home.headers.get("X-Page") || "").split(".")[1] === today) { return home; }
  return (await caches.open(PAGES)).match(HOME + "?day=" + today);
}

/* After an answer of the server: keeps it if it is a page to keep, and renews what a form outdated. */
async function settle(key, address, answer, at) {
  if (!answer.ok) { return; }
  if (address.pathname === SIGN_IN) { await forget(); return; }
  const whole = key && new URL(key, address.href).href === address.href.split("#")[0];
  if (whole) { await keep(key, answer, at); }
  await renewStale(key);
}

async function renewStale(key) {
  for (const one of new Set([key, HOME, FOUND])) { if (one && !(await isFresh(one))) { await renew(one); } }
}

async function renew(key) {
  const at = changes;
  const answer = await fetch(key, { headers: { Accept: "text/html" }, credentials: "same-origin", cache: "no-store" });
  if (answer.redirected) { await forget(); return; }
  if (answer.ok) { await keep(key, answer, at); }
  /* An account without a route is asked once a day. */
  if (answer.status === 403) { await markFresh(key, at); }
}

/* A page that tells what has just happened carries no mark, and would tell it for ever. */
async function keep(key, answer, at) {
  const mark = answer.headers.get("X-Page");
  if (!mark && key !== FOUND) { return; }
  const pages = await caches.open(PAGES);
  const before = await pages.match(HOME);
  if (mark && before && ownerOf(before) !== mark.split(".")[0]) { await forget(); }
  await (await caches.open(PAGES)).put(key, answer);
  await markFresh(key, at);
  await forgetOld();
  await tell("page-kept");
}

function ownerOf(answer) { return (answer.headers.get("X-Page") || "").split(".")[0]; }

async function isFresh(key) {
  const mark = await (await caches.open(FRESH)).match(key);
  return Boolean(mark) && dayOf(Number(await mark.text())) === dayOf(Date.now());
}

async function markFresh(key, at) {
  if (at === changes) { await (await caches.open(FRESH)).put(key, new Response(String(Date.now()))); }
}

function outdate() { changes += 1; return caches.delete(FRESH); }
function forget() { changes += 1; return Promise.all([caches.delete(PAGES), caches.delete(FRESH)]); }

async function forgetOld() {
  const pages = await caches.open(PAGES);
  await Promise.all((await pages.keys()).map(async (request) => {
    const answer = await pages.match(request);
    if (answer && Date.now() - Date.parse(answer.headers.get("Date")) > KEPT_MS) { await pages.delete(request); }
  }));
}

async function tell(word) {
  (await self.clients.matchAll({ type: "window" })).forEach((tab) => tab.postMessage(word));
}

function dayOf(moment) { return new Date(moment + 8 * 3600000).toISOString().slice(0, 10); }
