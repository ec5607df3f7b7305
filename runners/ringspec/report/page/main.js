// Shows what the fragment says, and keeps the fragment true.
const views = [...document.querySelectorAll(".view")];
let lastView = "";

function showTab(link) {
  link.setAttribute("aria-current", "page");
  const tabs = link.parentNode;
  tabs.scrollLeft = link.offsetLeft + link.offsetWidth > tabs.clientWidth ? link.offsetLeft - 40 : 0;
}

function apply() {
  const want = wanted();
  for (const view of views) view.hidden = view.id !== want.view;
  for (const link of document.querySelectorAll(".views a")) {
    const its = link.hash.slice("#view=".length);
    if (its === want.view) showTab(link); else link.removeAttribute("aria-current");
  }
  showClause(want.clause);
  if (want.view === "matrix") {
    showForm(want);
    applyFilters(want);
  }
  if (want.view === "says") showKind(want.kind);
  if (lastView && lastView !== want.view + want.clause) {
    scrollTo(0, 0);
    if (want.view === "clause") document.querySelector("#clause h2").focus({ preventScroll: true });
  }
  lastView = want.view + want.clause;
  return showCell(want.cell);
}

function showKind(kind) {
  for (const article of document.querySelectorAll("#says article")) article.hidden = Boolean(kind) && article.dataset.kind !== kind;
  for (const button of document.querySelectorAll("button[data-kind]")) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
}
for (const button of document.querySelectorAll("button[data-kind]")) {
  button.addEventListener("click", () => go({ kind: wanted().kind === button.dataset.kind ? "" : button.dataset.kind }));
}

prepareTable();
prepareFilter();
for (const element of document.querySelectorAll(".copy")) element.append(copyButton(element.textContent));
document.querySelector(".views").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const view = link.hash.slice("#view=".length);
  go({ view: view === "matrix" ? "" : view, clause: "", cell: "" }, true);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || dialog.open || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  event.preventDefault();
  form.elements.q.focus();
});
window.addEventListener("hashchange", apply);
window.addEventListener("popstate", apply);
window.addEventListener("statechange", apply);
apply();
for (const row of clauseRows) if (!painted) paintRow(row, "");
document.documentElement.dataset.ready = "yes";
