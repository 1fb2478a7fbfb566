// What the live page tells people: its state, what changed (politely), what changed elsewhere, and when to reload.

const ANNOUNCE_EVERY_MS = 5000;
const FETCH_EVERY_MS = 1000;

let updated = 0;
let announcing = 0;
let region = null;
const changed = new WeakMap(); // list -> how many rows changed that it does not show
const fetched = new WeakMap(); // list -> when it was fetched last

export function setState(state) {
  for (const node of document.querySelectorAll("[data-live-state]")) {
    if (node.dataset.liveState !== state) node.dataset.liveState = state;
  }
}

export function announce(count) {
  updated += count;
  if (!updated || announcing) return;
  announcing = setTimeout(() => {
    announcer().textContent = updated === 1 ? "1 entry was updated." : `${updated} entries were updated.`;
    updated = announcing = 0;
  }, ANNOUNCE_EVERY_MS);
}

function announcer() {
  if (region?.isConnected) return region;
  region = document.createElement("div");
  region.className = "visually-hidden";
  region.setAttribute("aria-live", "polite");
  document.body.append(region);
  return region;
}

export function showChanged(list, count) {
  changed.set(list, (changed.get(list) ?? 0) + count);
  if ("liveAuto" in list.dataset) {
    fetchSoon(list);
    return;
  }
  const total = changed.get(list);
  const button = list.querySelector(":scope > .live-changed") ?? addButton(list);
  button.textContent = `${total.toLocaleString("en")} changed: show`;
}

function addButton(list) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "live-changed";
  button.addEventListener("click", () => {
    button.disabled = true;
    fetchSoon(list);
  });
  list.prepend(button);
  return button;
}

function fetchSoon(list) {
  if (list.dataset.liveFetching) return;
  list.dataset.liveFetching = "1";
  const wait = Math.max(0, (fetched.get(list) ?? 0) + FETCH_EVERY_MS - Date.now());
  setTimeout(() => fetchList(list), wait);
}

// The list's own URL answers with the page or with the list; either way only the list is taken from it.
async function fetchList(list) {
  if (!list.isConnected) return;
  const url = new URL(list.dataset.liveUrl || location.href, location.href);
  if (!list.id || !globalThis.htmx) {
    location.assign(url);
    return;
  }
  changed.delete(list);
  const target = `#${CSS.escape(list.id)}`;
  try {
    // Not from the list itself: it may be a form, whose fields would become part of the question.
    await htmx.ajax("GET", url.pathname + url.search, { source: document.body, target, select: target, swap: "outerHTML" });
  } finally {
    delete list.dataset.liveFetching;
    const now = document.querySelector(target);
    if (now) fetched.set(now, Date.now());
    const button = now?.querySelector(":scope > .live-changed");
    if (button) button.disabled = false;
  }
}

export function offerReload(why) {
  const template = document.getElementById("toast-template");
  const list = document.getElementById("toasts");
  if (!template || !list || list.querySelector("[data-live-reload]")) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Reload";
  button.addEventListener("click", () => location.reload());
  toast.querySelector(".toast-text").textContent = why;
  toast.querySelector(".toast-text").after(button);
  toast.dataset.stays = toast.dataset.liveReload = "";
  list.append(toast);
}
