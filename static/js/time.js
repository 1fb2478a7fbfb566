// Keeps `<time data-relative>` true while the page stays open. The steps are those of ui_atoms.relative_text.

const STEPS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"], [604800, 86400, "d"]];

function relative(seconds) {
  const size = Math.abs(seconds);
  if (size < 3) return seconds >= 0 ? "just now" : "now";
  for (const [below, step, unit] of STEPS) {
    if (size < below) {
      const text = `${Math.floor(size / step)} ${unit}`;
      return seconds >= 0 ? `${text} ago` : `in ${text}`;
    }
  }
  return null;
}

function refresh() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const text = relative((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (text && time.textContent !== text) time.textContent = text;
  }
}

setInterval(refresh, 1000);
document.addEventListener("visibilitychange", refresh);
