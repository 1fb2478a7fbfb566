// Rows that are selected: the page's head checkbox, ranges with Shift, the count, and rows that the live feed replaces.

const chosen = new WeakMap(); // form or table -> values that are checked
const last = new WeakMap(); // form or table -> the box that was clicked last

const scopeOf = (box) => box.closest("form") ?? box.closest("table");
const boxesOf = (scope) => [...scope.querySelectorAll("[data-select]")];

function remember(scope) {
  const values = chosen.get(scope) ?? new Set();
  for (const box of boxesOf(scope)) box.checked ? values.add(box.value) : values.delete(box.value);
  chosen.set(scope, values);
  paint(scope);
}

function paint(scope) {
  const boxes = boxesOf(scope);
  const checked = boxes.filter((box) => box.checked).length;
  for (const head of scope.querySelectorAll("[data-select-page]")) {
    head.checked = checked > 0 && checked === boxes.length;
    head.indeterminate = checked > 0 && checked < boxes.length;
  }
  for (const count of scope.querySelectorAll("[data-selected-count]")) {
    const text = checked.toLocaleString("en");
    if (count.textContent !== text) count.textContent = text;
  }
}

function selectRange(scope, box) {
  const boxes = boxesOf(scope);
  const [from, to] = [boxes.indexOf(last.get(scope)), boxes.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement)) return;
  const scope = scopeOf(box);
  if (box.matches("[data-select-page]")) {
    for (const each of boxesOf(scope)) each.checked = box.checked;
  } else if (box.matches("[data-select]")) {
    if (event.shiftKey) selectRange(scope, box);
    last.set(scope, box);
  } else {
    return;
  }
  remember(scope);
});

// A replaced row comes from the server unchecked; the person's choice is put back before it can be missed.
function restore(added) {
  const boxes = added.matches("[data-select]") ? [added] : added.querySelectorAll("[data-select]");
  const scopes = new Set();
  for (const box of boxes) {
    const scope = scopeOf(box);
    if (chosen.get(scope)?.has(box.value)) box.checked = true;
    scopes.add(scope);
  }
  for (const scope of scopes) paint(scope);
}

new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node instanceof HTMLElement && node.isConnected) restore(node);
  }
}).observe(document.body, { childList: true, subtree: true });

// The browser brings checked boxes back when one returns to a page.
addEventListener("pageshow", () => {
  for (const scope of new Set([...document.querySelectorAll("[data-select]")].map(scopeOf))) remember(scope);
});
