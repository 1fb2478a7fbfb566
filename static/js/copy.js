// Copy buttons: the exact text of data-copy.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return; // Without permission or a secure origin nothing was copied, so nothing is claimed.
  }
  button.dataset.copied = "";
  const said = button.title;
  button.title = "Copied";
  setTimeout(() => {
    delete button.dataset.copied;
    button.title = said;
  }, 1500);
});
