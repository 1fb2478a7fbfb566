// Keeps an open page true: says what it shows, takes fragments for it, and says plainly when it can't.
//
// What the page shows is true at least up to `seq`. Swapped-in content is true up to the seq at which its request left,
// so that is what the next hello says (`floor`): what happened in between is sent again rather than missed.

import { applyFragment } from "./live_fragment.js";
import { announce, offerReload, setState, showChanged } from "./live_notices.js";

const { organization, liveSeq } = document.body.dataset;
const STALE_MS = 12_000;
const GIVE_UP_MS = 30_000;
const HELLO_DEBOUNCE_MS = 120;
const RELOAD_PAUSE_MS = 15_000;
const NOT_UNDERSTOOD = 4400;
const NOT_ALLOWED = 4403;
const MOST = { regions: 200, gauges: 20, lists: 10 };

let seq = Number(liveSeq);
let floor = Infinity;
let inFlight = 0;
let socket = null;
let lastHeard = Date.now();
let failures = 0;
let retry = 0;
let helloTimer = 0;
let ended = false;
let behind = false; // told to reload, but not yet reloaded: nothing makes this page true any more

const shown = (name, most) =>
  [...new Set([...document.querySelectorAll(`[data-${name}]`)].map((node) => node.getAttribute(`data-${name}`)))]
    .filter(Boolean)
    .slice(0, most);

function sayHello() {
  helloTimer = 0;
  if (socket?.readyState !== WebSocket.OPEN) return;
  const hello = {
    type: "hello",
    seq: Math.min(seq, floor),
    regions: shown("live", MOST.regions),
    gauges: shown("gauge", MOST.gauges),
    lists: shown("live-list", MOST.lists),
  };
  if (inFlight === 0) floor = Infinity;
  socket.send(JSON.stringify(hello));
}

function sayHelloSoon() {
  if (!helloTimer) helloTimer = setTimeout(sayHello, HELLO_DEBOUNCE_MS);
}

function connect() {
  clearTimeout(retry);
  retry = 0;
  if (ended || (socket && socket.readyState <= WebSocket.OPEN)) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opened = new WebSocket(`${scheme}://${location.host}/live?org=${encodeURIComponent(organization)}`);
  socket = opened;
  lastHeard = Date.now();
  opened.onopen = () => {
    setState("catching-up");
    sayHello();
  };
  opened.onmessage = (event) => opened === socket && receive(JSON.parse(event.data));
  opened.onclose = (event) => opened === socket && closed(event.code);
}

function closed(code) {
  socket = null;
  setState("offline");
  if (code === NOT_ALLOWED || code === NOT_UNDERSTOOD) {
    ended = true;
    leave("This page may have changed for you. Reload it to go on.");
    return;
  }
  const wait = Math.min(15_000, 500 * 2 ** failures++) * (0.5 + Math.random());
  retry = setTimeout(connect, wait);
}

function reconnect() {
  const old = socket;
  socket = null;
  old?.close();
  failures = 0;
  connect();
}

function receive(message) {
  lastHeard = Date.now();
  if (message.type === "reload") {
    const [least, most] = message.jitter;
    behind = true;
    setState("catching-up");
    setTimeout(() => leave("This page is behind. Reload it to see what changed."), (least + Math.random() * (most - least)) * 1000);
    return;
  }
  failures = 0;
  if (message.type === "frame") applyFrame(message);
  seq = Math.max(seq, message.seq);
  setState(behind ? "stale" : "live");
}

function applyFrame({ html, lists, badges }) {
  const changed = html.map(applyFragment).filter((node) => node && !node.hasAttribute("data-gauge"));
  announce(changed.length);
  for (const [name, count] of Object.entries(lists)) {
    for (const list of document.querySelectorAll(`[data-live-list="${CSS.escape(name)}"]`)) showChanged(list, count);
  }
  for (const [id, count] of Object.entries(badges)) {
    const badge = document.getElementById(id);
    if (badge) badge.textContent = count ? String(count) : "";
  }
}

// A reload never throws away what someone typed, and never runs in circles.
function leave(why) {
  const before = Number(sessionStorage.getItem("live-reloaded") ?? 0);
  if (document.querySelector("form[data-dirty]") || Date.now() - before < RELOAD_PAUSE_MS) {
    offerReload(why);
    return;
  }
  sessionStorage.setItem("live-reloaded", String(Date.now()));
  location.reload();
}

function watch() {
  if (ended || socket?.readyState !== WebSocket.OPEN) return;
  const silence = Date.now() - lastHeard;
  if (silence > STALE_MS) setState("stale");
  if (silence > GIVE_UP_MS) reconnect();
}

function comeBack() {
  if (document.hidden || ended) return;
  if (!socket || Date.now() - lastHeard > STALE_MS) reconnect();
}

function follow() {
  document.addEventListener("htmx:beforeRequest", () => {
    inFlight += 1;
    floor = Math.min(floor, seq);
  });
  document.addEventListener("htmx:afterRequest", () => {
    inFlight = Math.max(0, inFlight - 1);
    sayHelloSoon();
  });
  document.addEventListener("htmx:historyCacheMiss", () => (floor = Math.min(floor, seq)));
  for (const name of ["htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(name, sayHelloSoon);
  document.addEventListener("input", ({ target }) => {
    if (target.form?.method === "post" && !target.matches("[data-select], [data-select-page]")) target.form.dataset.dirty = "";
  });
  document.addEventListener("submit", ({ target }) => delete target.dataset.dirty);
  document.addEventListener("visibilitychange", comeBack);
  addEventListener("pageshow", comeBack);
  addEventListener("online", reconnect);
  addEventListener("offline", () => setState("offline"));
  // One that is still connecting ends with the page by itself; closing it would only make the browser complain.
  addEventListener("pagehide", () => socket?.readyState === WebSocket.OPEN && socket.close());
  setInterval(watch, 1000);
  connect();
}

if (organization && liveSeq) follow();
