// Keys of a console: / searches, j and k walk the rows, Enter opens (the row's link has focus), x selects, ? explains.

const rows = () => [...document.querySelectorAll(".table tbody tr")].filter((row) => row.querySelector(".row-link"));

function walk(step) {
  const all = rows();
  const here = all.indexOf(document.activeElement?.closest("tr"));
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
  const link = all[next]?.querySelector(".row-link");
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

const ACTIONS = {
  "/": () => (document.querySelector("[data-search]") ?? document.querySelector("[data-search-all]"))?.focus(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
  j: () => walk(1),
  k: () => walk(-1),
  x: () => document.activeElement?.closest("tr")?.querySelector("[data-select]")?.click(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (typing || event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
  const action = ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
