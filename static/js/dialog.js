// A link with data-dialog shows its page's [data-dialog-content] (else its main) in a dialog. Whatever fails, the link is followed.

function emptyDialog() {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.innerHTML =
    '<div class="dialog-head"><h2></h2><form method="dialog"><button class="button button-quiet button-small">Close</button></form></div><div class="dialog-body"></div>';
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}

async function fetchPage(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  // A redirect (to sign-in, say) is a page of its own and must be seen as one.
  if (!answer.ok || answer.redirected) throw new Error(`${url} answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function open(link) {
  const page = await fetchPage(link.href);
  const content = page.querySelector("[data-dialog-content]") ?? page.querySelector("main");
  const dialog = emptyDialog();
  dialog.querySelector("h2").textContent = page.querySelector("h1")?.textContent ?? link.textContent;
  const body = dialog.querySelector(".dialog-body");
  body.append(...document.importNode(content, true).childNodes);
  // A form without an action would post to the page below instead of the page it came from.
  for (const form of body.querySelectorAll("form:not([action])")) form.action = link.href;
  document.body.append(dialog);
  window.htmx?.process(body);
  dialog.showModal();
  body.querySelector("[autofocus], input:not([type=hidden]), select, textarea, button")?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(link).catch(() => location.assign(link.href));
});

document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-dialog-close]");
  const dialog = close?.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
});
