// Shows what the fragment says, and keeps the fragment true.
const views = [...document.querySelectorAll(".view")];
let lastView = "";

function apply() {
  const want = wanted();
  for (const view of views) view.hidden = view.id !== want.view;
  for (const link of document.querySelectorAll(".views a")) {
    const its = link.hash.slice("#view=".length);
    if (its === want.view) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  showClause(want.clause);
  if (want.view === "matrix") {
    showForm(want);
    applyFilters(want);
  }
  if (lastView && lastView !== want.view + want.clause) {
    scrollTo(0, 0);
    if (want.view === "clause") document.querySelector("#clause h2").focus({ preventScroll: true });
  }
  lastView = want.view + want.clause;
  return showCell(want.cell);
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
