// Puts a fragment from the server in the place of the one with its id, without disturbing the person who works there.

const waiting = new Map(); // id -> html, while someone types into the old one

const TYPING = "textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])";

// A <template> takes any root, a <tr> too.
function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function pathTo(root, node) {
  const path = [];
  for (let here = node; here !== root; here = here.parentElement) path.unshift([...here.parentElement.children].indexOf(here));
  return path;
}

function at(root, path) {
  return path.reduce((node, index) => node?.children[index], root);
}

const twin = (fresh, old, node) => (node.id && fresh.querySelector(`#${CSS.escape(node.id)}`)) || at(fresh, pathTo(old, node));

function keepOpen(old, fresh) {
  for (const details of old.querySelectorAll("details[open]")) {
    const same = twin(fresh, old, details);
    if (same instanceof HTMLDetailsElement) same.open = true;
  }
}

function keepChecked(old, fresh) {
  for (const box of old.querySelectorAll("input[type=checkbox]:checked")) {
    const same = twin(fresh, old, box);
    if (same?.name === box.name && same.value === box.value) same.checked = true;
  }
}

function scrolledIn(old) {
  return [...old.querySelectorAll("*")]
    .filter((node) => node.scrollTop || node.scrollLeft)
    .map((node) => [pathTo(old, node), node.scrollTop, node.scrollLeft]);
}

function swap(old, fresh) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const focus = active && (active === old ? fresh : twin(fresh, old, active));
  const scrolled = scrolledIn(old);
  keepOpen(old, fresh);
  keepChecked(old, fresh);
  old.replaceWith(fresh);
  globalThis.htmx?.process(fresh);
  for (const [path, top, left] of scrolled) at(fresh, path)?.scrollTo({ top, left, behavior: "instant" });
  if (focus && focus.tagName === active.tagName) focus.focus({ preventScroll: true });
}

export function applyFragment(html) {
  const fresh = parse(html);
  const old = fresh?.id && document.getElementById(fresh.id);
  if (!old) return null;
  const isBusy = old.contains(document.activeElement) && document.activeElement.matches(TYPING);
  if (isBusy || old.querySelector("dialog[open], form[data-dirty]")) {
    waiting.set(fresh.id, html);
    return null;
  }
  waiting.delete(fresh.id);
  swap(old, fresh);
  return fresh;
}

// Whoever was typing has gone elsewhere, perhaps within the same fragment: then it goes on waiting.
function applyWaiting() {
  setTimeout(() => {
    for (const html of [...waiting.values()]) applyFragment(html);
  });
}

for (const name of ["focusout", "close", "submit"]) document.addEventListener(name, applyWaiting, true);
