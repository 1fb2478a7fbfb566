// Toasts: close, go by themselves unless they warn, and appear when a request of htmx failed.

const STAYS_MS = 6000;

function schedule(toast) {
  if (!("stays" in toast.dataset)) setTimeout(() => toast.matches(":hover, :focus-within") ? schedule(toast) : toast.remove(), STAYS_MS);
}

function show(message) {
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.querySelector(".toast-text").textContent = message;
  document.getElementById("toasts").append(toast);
}

for (const toast of document.querySelectorAll("[data-toast]")) schedule(toast);

const list = document.getElementById("toasts");
if (list) {
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node instanceof HTMLElement) schedule(node);
  }).observe(list, { childList: true });
}

document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());

document.addEventListener("htmx:sendError", () => show("The server did not answer. Nothing was changed; try again."));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const id = event.detail.xhr.getResponseHeader("X-Request-Id");
  show(`The server refused this (${status}).${id ? ` Request ${id}.` : ""}`);
});
