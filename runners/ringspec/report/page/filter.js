// Which rows are seen: search, verdicts, family, setup, kernels, what differs, what is new, what changed.
const form = document.getElementById("filter");
const FIELDS = ["q", "rows", "family", "setup", "a", "b"];
const FILTERS = [...FIELDS, "verdict", "kernel"];
const counted = document.getElementById("shown");

const haystacks = new Map();
function haystack(id) {
  if (!haystacks.has(id)) {
    const clause = data.clauses[id];
    const outcomes = new Set(data.columns.flatMap((_, column) => cellsOf(id, column).flatMap((one) => one.outcomes)));
    const issues = Object.entries(data.issues).filter(([, issue]) => issue.clause === id).flatMap(([name, issue]) => [name, issue.reason]);
    haystacks.set(id, [id, clause.family, clause.says, clause.source, clause.conflicts, ...(casesOf.get(id) || []), ...outcomes, ...issues].join(" ").toLowerCase());
  }
  return haystacks.get(id);
}

function rowFits(id, want, columns) {
  if (want.family && data.clauses[id].family !== want.family) return false;
  const squares = foldedRow(id, want.setup);
  const seen = columns.map((column) => squares[column]);
  if (want.rows === "differ" && new Set(seen.map((folded) => look(folded).symbol)).size < 2) return false;
  if (want.rows === "red" && !seen.some((folded) => folded && folded.red)) return false;
  if (want.rows === "new" && !seen.some((folded) => folded && folded.red && !folded.known)) return false;
  if (want.verdicts.length && !columns.some((column) => hasVerdict(id, column, want))) return false;
  if (isDiff(want) && !worstChange(changes(id, want.a, want.b, want.setup))) return false;
  return want.query.every((word) => haystack(id).includes(word));
}

function hasVerdict(id, column, want) {
  if (isInvariant(id)) {
    const folded = foldedRow(id, want.setup)[column];
    return want.verdicts.includes(folded.verdict) || (want.verdicts.includes("known") && folded.known);
  }
  return cellsOf(id, column, want.setup).some((one) => want.verdicts.includes(one.verdict) || (want.verdicts.includes("known") && !one.ok && one.known));
}

let painted = "";
function applyFilters(want) {
  const columns = shownColumns(want);
  if (want.setup !== painted) {
    for (const row of clauseRows) paintRow(row, want.setup);
    painted = want.setup;
  }
  for (const row of clauseRows) unfold(row, want.open.includes(row.dataset.id));
  showColumns(want);
  const sum = showDiff(want);
  fitMatrix();
  let shown = 0;
  for (const body of bodies) {
    const folded = want.folded.includes(body.dataset.family);
    body.querySelector(".family button").setAttribute("aria-expanded", String(!folded));
    let fits = 0;
    let hide = false;
    for (const row of [...body.rows].slice(1)) {
      if (row.dataset.id) {
        const fit = rowFits(row.dataset.id, want, columns);
        fits += fit;
        hide = folded || !fit;
      }
      row.hidden = hide;
    }
    body.rows[0].hidden = !fits;
    shown += fits;
  }
  document.getElementById("nothing").hidden = shown > 0;
  tell(want, shown, sum);
}

function tell(want, shown, sum) {
  const kinds = Object.keys(data.changes).filter((kind) => sum[kind]).map((kind) => `${sum[kind]} ${kind}`);
  const rows = `${shown} of ${clauseRows.length} clauses`;
  counted.textContent = isDiff(want) ? `${rows}; cells: ${kinds.join(", ") || "no change"}` : rows;
  document.getElementById("fold").textContent = want.folded.length ? "unfold all" : "fold all";
}

function showForm(want) {
  const now = state();
  for (const name of FIELDS) {
    const field = form.elements[name];
    if (document.activeElement !== field || name !== "q") field.value = now.get(name) || "";
    if (field.selectedIndex === -1) field.value = "";
  }
  for (const box of form.querySelectorAll("input[name=kernel]")) box.checked = shownColumns(want).includes(Number(box.value));
  for (const button of form.querySelectorAll("[data-verdict]")) button.setAttribute("aria-pressed", String(want.verdicts.includes(button.dataset.verdict)));
  const active = FILTERS.filter((name) => now.has(name)).length;
  const badge = document.getElementById("active");
  badge.textContent = String(active);
  badge.hidden = active === 0;
  document.getElementById("reset").disabled = active === 0;
}

const resetFilters = () => go(Object.fromEntries([...FILTERS, "folded"].map((name) => [name, ""])));

function prepareFilter() {
  const narrow = matchMedia("(max-width: 52rem)");
  const fit = () => { form.querySelector(".more").open = !narrow.matches; };
  narrow.addEventListener("change", fit);
  fit();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target.name === "kernel") {
      const boxes = [...form.querySelectorAll("input[name=kernel]")];
      const picked = boxes.filter((box) => box.checked).map((box) => box.value);
      go({ kernel: picked.length === boxes.length ? "" : picked.join(",") });
    } else if (FIELDS.includes(event.target.name)) go({ [event.target.name]: event.target.value });
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-verdict]");
    if (button) toggleIn("verdict", button.dataset.verdict);
  });
  document.getElementById("reset").addEventListener("click", resetFilters);
  document.querySelector("#nothing button").addEventListener("click", resetFilters);
  document.getElementById("fold").addEventListener("click", () => {
    go({ folded: wanted().folded.length ? "" : bodies.map((body) => body.dataset.family).join(",") });
  });
  document.addEventListener("click", (event) => {
    const pick = form.querySelector(".pick");
    if (pick.open && !pick.contains(event.target)) pick.open = false;
  });
  new ResizeObserver(() => {
    table.style.setProperty("--bar", PHONE.matches ? "0px" : `${form.offsetHeight}px`);
    fitMatrix();
  }).observe(form);
}
