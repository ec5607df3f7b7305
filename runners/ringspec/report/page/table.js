// The matrix: painted for the setup that is wanted, unfolded into cases and setups, compared, walked by keys.
const table = document.getElementById("table");
const clauseRows = [...table.querySelectorAll("tr[data-id]")];
const bodies = [...table.tBodies];
const columnStyle = document.head.appendChild(make("style"));

const PHONE = matchMedia("(max-width: 52rem)");

const foldedCache = new Map();  // "setup\0id" -> what each column shows
function foldedRow(id, setup) {
  const key = `${setup}\u0000${id}`;
  if (!foldedCache.has(key)) foldedCache.set(key, data.columns.map((_, column) => fold(id, cellsOf(id, column, setup))));
  return foldedCache.get(key);
}

function paintCell(square, folded, where) {
  const { css, symbol, words } = look(folded);
  square.className = css;
  square.textContent = symbol;
  square.title = `${words}: ${where}`;
  square.setAttribute("aria-label", folded ? words : "not run");
  if (folded) square.tabIndex = -1; else square.removeAttribute("tabindex");
}

function paintRow(row, setup) {
  foldedRow(row.dataset.id, setup).forEach((folded, column) => {
    paintCell(row.cells[column + 1], folded, `${row.dataset.id} on ${data.columns[column].title}`);
  });
}

// Rows below a clause: its cases by setup; setups that are alike everywhere share one.
function subRows(id) {
  const names = isInvariant(id) ? [...new Set(brokeInvariant(id).map((one) => one.case))] : casesOf.get(id) || [];
  const rows = [];
  for (const name of names) {
    const groups = new Map();
    for (const setup of data.setups) {
      const folded = data.columns.map((_, column) => fold(id, cellsOf(id, column, setup, name)));
      const key = JSON.stringify(folded.map((one) => look(one).words));
      groups.set(key, { folded, setups: [...(groups.get(key)?.setups || []), setup] });
    }
    for (const { folded, setups } of groups.values()) {
      const words = setups.length === data.setups.length ? "all setups" : setups.join(", ");
      const row = make("tr", { className: "sub" }, make("th", { scope: "row", title: name }, make("b", { textContent: name.split(".").pop() }), ` ${words}`));
      row.dataset.of = id;
      row.dataset.case = name;
      row.dataset.setup = setups.length === 1 ? setups[0] : "";
      folded.forEach((one, column) => {
        const square = make("td");
        paintCell(square, one, `${name}, ${words}, on ${data.columns[column].title}`);
        if (isInvariant(id) && one && !one.red) { square.className = "void"; square.textContent = ""; }
        row.append(square);
      });
      rows.push(row);
    }
  }
  return rows;
}

function unfold(row, open) {
  const button = row.querySelector(".unfold");
  if ((button.getAttribute("aria-expanded") === "true") === open) return;
  button.setAttribute("aria-expanded", String(open));
  if (open) row.after(...subRows(row.dataset.id));
  else table.querySelectorAll(`tr.sub[data-of="${CSS.escape(row.dataset.id)}"]`).forEach((sub) => sub.remove());
}

function showColumns(want) {
  const shown = new Set(shownColumns(want));
  const hidden = data.columns.map((_, column) => column).filter((column) => !shown.has(column));
  for (const body of bodies) body.rows[0].cells[0].colSpan = shown.size + 1 + isDiff(want);
  columnStyle.textContent = hidden.map((column) => `#table tr:not(.family) > :nth-child(${column + 2}) { display: none; }`).join("\n");
}

// Where the kernels leave the clauses no room, the matrix scrolls by itself and the clauses stand still.
const NAMES_PX = 240;
function fitMatrix() {
  const matrix = table.parentElement;
  const kernels = [...table.tHead.rows[0].cells].slice(1).map((head) => head.offsetWidth);
  const needed = kernels.reduce((sum, width) => sum + width, NAMES_PX);
  matrix.classList.toggle("scrolls", PHONE.matches || needed > matrix.clientWidth);
}

const CHANGE = "change";
function showDiff(want) {
  table.querySelectorAll(`.${CHANGE}`).forEach((element) => element.remove());
  table.classList.toggle("diff", isDiff(want));
  if (!isDiff(want)) return {};
  const title = `from ${data.columns[want.a].title} to ${data.columns[want.b].title}`;
  table.tHead.rows[0].append(make("th", { className: CHANGE, scope: "col" }, "change", make("small", { textContent: title })));
  const sum = {};
  for (const row of table.querySelectorAll("tr[data-id], tr.sub")) {
    const found = changes(row.dataset.id || row.dataset.of, want.a, want.b, row.dataset.setup || want.setup, row.dataset.case);
    const words = Object.keys(data.changes).filter((kind) => found[kind]).map((kind) => (found[kind] > 1 ? `${found[kind]} × ${kind}` : kind));
    const square = make("td", { className: CHANGE, textContent: words.join(", "), title: words.join(", ") });
    square.dataset.change = worstChange(found);
    row.append(square);
    if (row.dataset.id) for (const [kind, count] of Object.entries(found)) sum[kind] = (sum[kind] || 0) + count;
  }
  return sum;
}

// One tab stop for the whole grid; arrows walk through it.
const stops = (row) => [...row.querySelectorAll("button, th a, td[tabindex]")].filter((stop) => stop.offsetParent !== null);
const walkable = () => [...table.querySelectorAll("tbody tr")].filter((row) => !row.hidden);
let current = null;
function stopAt(element) {
  if (current && current !== element) current.tabIndex = -1;
  current = element;
  element.tabIndex = 0;
}

function walk(event) {
  const row = event.target.closest("tbody tr");
  if (!row || event.altKey || event.metaKey) return;
  const here = event.target.closest("td, a, button");
  const places = stops(row);
  const at = places.indexOf(here);
  const fromEnd = places.length - at;
  const side = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: places.length - 1 }[event.key];
  const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -12, PageDown: 12 }[event.key];
  let next = null;
  if (event.ctrlKey && event.key === "Home") next = stops(walkable()[0])[0];
  else if (event.ctrlKey && event.key === "End") next = stops(walkable().pop()).pop();
  else if (side !== undefined) next = places[side];
  else if (step !== undefined) {
    const rows = walkable();
    const target = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + step))];
    const there = stops(target);
    next = there[Math.max(0, there.length - fromEnd)] || there[0];
  } else if ((event.key === "Enter" || event.key === " ") && here.tagName === "TD") {
    event.preventDefault();
    openCell(here);
    return;
  } else return;
  event.preventDefault();
  if (next) { stopAt(next); next.focus(); next.scrollIntoView({ block: "nearest" }); }
}

function openCell(square) {
  const row = square.parentNode;
  const column = square.cellIndex - 1;
  if (square.classList.contains("void") || square.classList.contains(CHANGE)) return;
  const id = row.dataset.id || row.dataset.of;
  const setup = row.dataset.setup || (row.dataset.id ? wanted().setup : "");
  const only = row.dataset.case && row.dataset.setup ? [row.dataset.case, row.dataset.setup] : [];
  if (!only.length && setup && (casesOf.get(id) || []).length === 1) only.push(casesOf.get(id)[0], setup);
  go({ cell: [id, column, ...only].join("~") }, true);
}

function toggleIn(name, value) {
  const list = wanted()[name === "verdict" ? "verdicts" : name];
  go({ [name]: (list.includes(value) ? list.filter((one) => one !== value) : [...list, value]).join(",") });
}

function prepareTable() {
  table.setAttribute("role", "grid");
  for (const row of clauseRows) {
    const button = make("button", { type: "button", className: "unfold", tabIndex: -1 });
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-label", `cases and setups of ${row.dataset.id}`);
    row.cells[0].prepend(button);
    row.cells[0].title = data.clauses[row.dataset.id].says;
    row.querySelector("th a").tabIndex = -1;
  }
  for (const button of table.querySelectorAll(".family button")) button.tabIndex = -1;
  stopAt(table.querySelector(".family button"));
  table.addEventListener("focusin", (event) => { if (event.target.closest("tbody")) stopAt(event.target.closest("td, a, button")); });
  table.addEventListener("keydown", walk);
  table.addEventListener("click", (event) => {
    const square = event.target.closest("td");
    const family = event.target.closest(".family button");
    const button = event.target.closest(".unfold");
    const link = event.target.closest("th a");
    if (square) openCell(square);
    else if (family) toggleIn("folded", family.closest("tbody").dataset.family);
    else if (button) toggleIn("open", button.closest("tr").dataset.id);
    else if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); go({ clause: link.closest("tr").dataset.id }, true); }
  });
}
