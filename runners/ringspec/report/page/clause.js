// A page for each clause, like the support tables of the web: where it holds, since when, where it broke.
function supportTable(id) {
  const head = make("tr", {}, make("td"), ...data.columns.map((kernel) => make("th", { scope: "col", textContent: kernel.title })));
  const body = make("tbody");
  const invariant = isInvariant(id);
  for (const setup of invariant ? [""] : data.setups) {
    const squares = data.columns.map((kernel, column) => {
      const cells = cellsOf(id, column, setup);
      const folded = fold(id, cells);
      const { css, symbol, words } = look(folded);
      const single = new Set(cells.map((one) => one.case)).size === 1 && !invariant;
      const inner = [make("b", { textContent: symbol }), folded ? folded.verdict : "not run"];
      if (!folded) return make("td", {}, make("span", { className: css }, ...inner));
      const link = make("a", { className: css, href: `#cell=${id}~${column}${single ? `~${cells[0].case}~${setup}` : ""}` }, ...inner);
      link.setAttribute("aria-label", `${setup || "invariant"} on ${kernel.title}: ${words}`);
      return make("td", {}, link);
    });
    body.append(make("tr", {}, make("th", { scope: "row", textContent: setup || "all cases" }), ...squares));
  }
  const table = make("table", { className: "support" }, make("caption", { className: "sr", textContent: `${id} by setup and kernel` }), make("thead", {}, head), body);
  return make("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Support table" }, table);
}

function outcomeList(id) {
  const byOutcome = new Map();
  data.columns.forEach((kernel, column) => {
    for (const one of cellsOf(id, column)) {
      const key = `${one.case}\u0000${one.outcomes.join(" | ") || "nothing"}`;
      const kernels = byOutcome.get(key) || new Map();
      kernels.set(column, [...(kernels.get(column) || []), one.setup]);
      byOutcome.set(key, kernels);
    }
  });
  const table = make("table", { className: "came" }, make("thead", {}, make("tr", {},
    ...["case", "what came", "on"].map((name) => make("th", { scope: "col", textContent: name })))));
  const body = make("tbody");
  for (const [key, kernels] of byOutcome) {
    const [name, outcome] = key.split("\u0000");
    body.append(make("tr", {}, make("td", { textContent: name.split(".").pop(), title: name }), make("td", {}, make("code", { textContent: outcome })),
      make("td", { textContent: places(kernels) })));
  }
  table.append(body);
  return make("div", { className: "scroll" }, table);
}

// "5.10.262 to 6.1.192; 6.12.118 (defer)": neighbours with the same setups in one word.
function places(kernels) {
  const runs = [];
  for (const [column, setups] of [...kernels].sort((a, b) => a[0] - b[0])) {
    const words = setups.length === data.setups.length ? "" : ` (${setups.join(", ")})`;
    const last = runs[runs.length - 1];
    if (last && last.words === words && last.until === column - 1) last.until = column;
    else runs.push({ from: column, until: column, words });
  }
  const title = (column) => data.columns[column].title;
  return runs.map(({ from, until, words }) => (from === until ? title(from) : `${title(from)} to ${title(until)}`) + words).join("; ");
}

function showClause(id) {
  const view = document.getElementById("clause");
  if (view.dataset.id === id) return;
  view.dataset.id = id || "";
  if (!id) return;
  const clause = data.clauses[id];
  const back = make("a", { href: "#view=matrix", textContent: "← matrix" });
  back.addEventListener("click", (event) => { event.preventDefault(); go({ clause: "", view: "" }, true); });
  if (!clause) {
    view.replaceChildren(make("h2", { textContent: id }), make("p", { textContent: "This run has no such clause." }), back);
    return;
  }
  const [summary] = data.stories[id] || [[]];
  const parts = [make("p", { className: "noprint" }, back, ` · ${clause.family}`), make("h2", { textContent: id, tabIndex: -1 }), promise(id), supportTable(id),
    make("ul", { className: "story" }, ...summary.map((line) => make("li", { textContent: line }))), outcomeList(id)];
  const issues = Object.entries(data.issues).filter(([, issue]) => issue.clause === id);
  if (issues.length) parts.push(make("h3", { textContent: "Known issues" }));
  for (const [name, issue] of issues) {
    parts.push(make("div", { className: "issue" }, make("b", { textContent: `${name} (${issue.kind}): ` }), issue.reason,
      make("div", {}, `Source: ${issue.source}. On: `, make("code", { textContent: (issue.versions || []).join(", ") }))));
  }
  view.replaceChildren(...parts);
}
