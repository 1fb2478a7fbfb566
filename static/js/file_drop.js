// A file can be dropped on its field; the name is shown. Without this the input itself still works.

const zoneOf = (event) => event.target.closest?.("[data-file-drop]");

function name(zone) {
  const [file] = zone.querySelector("input[type=file]").files;
  if (!file) return;
  zone.dataset.filled = "";
  zone.querySelector("[data-file-name]").textContent = `${file.name} · ${Math.ceil(file.size / 1024).toLocaleString("en")} KB`;
}

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.toggleAttribute("data-over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      zone.querySelector("input[type=file]").files = event.dataTransfer.files;
      name(zone);
    }
  });
}

document.addEventListener("change", (event) => {
  const zone = zoneOf(event);
  if (zone) name(zone);
});
