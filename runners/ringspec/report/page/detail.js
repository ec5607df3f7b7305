// The detail of a cell: the promise, what came in each setup, why it is red, and how to see it again.
const dialog = document.getElementById("detail");

function pairs(entries) {
  const list = make("dl");
  for (const [name, value] of entries) {
    const text = Array.isArray(value) ? value.join(" | ") : value;
    if (text) list.append(make("dt", { textContent: name }), make("dd", { textContent: text }));
  }
  return list;
}

function promise(id) {
  const clause = data.clauses[id];
  const range = [clause.since && `since ${clause.since}`, clause.until && `until ${clause.until}`,
    clause.backports && `backported to ${clause.backports.join(", ")}`].filter(Boolean).join(", ");
  const part = document.createDocumentFragment();
  part.append(make("blockquote", { textContent: clause.says }), pairs([
    ["promised by", clause.source], ["as of", clause.pinned], ["level", clause.level], ["range", range], ["needs", [...(clause.needs || []), clause.config].filter(Boolean)],
    ["older kernels may answer", clause.older], ["known outcomes", clause.expected], ["promised for setups", (clause.setups || []).join(", ")],
    ["elsewhere", clause.elsewhere], ["but other pages say", clause.conflicts],
  ]));
  return part;
}

function copyButton(text) {
  const button = make("button", { type: "button", textContent: "copy" });
  button.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(text); button.textContent = "copied"; } catch { getSelection().selectAllChildren(button.parentNode); }
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });
  return button;
}

function command(text) {
  return make("p", {}, make("code", { className: "copy", textContent: text }), copyButton(text));
}

// The same clause on every kernel: where this cell stands.
function strip(id, column, rest) {
  const list = make("ol", { className: "strip" });
  data.columns.forEach((kernel, number) => {
    const folded = fold(id, cellsOf(id, number));
    const link = make("a", { href: "#" }, chip(folded), kernel.title);
    link.setAttribute("aria-label", `${kernel.title}: ${look(folded).words}`);
    if (number === column) link.setAttribute("aria-current", "true");
    link.addEventListener("click", (event) => { event.preventDefault(); go({ cell: [id, number, ...rest].join("~") }); });
    list.append(make("li", {}, link));
  });
  return list;
}

const entryOf = (one, more) => more.cells[`${one.column}/${one.setup}/${one.case}`] || {};
const inWordsOf = (setups) => (setups.length === data.setups.length ? "all setups" : setups.join(", "));

// Cells with the same key, in the order in which they come first.
function grouped(cells, keyOf) {
  const groups = new Map();
  for (const one of cells) {
    const key = JSON.stringify(keyOf(one));
    groups.set(key, [...(groups.get(key) || []), one]);
  }
  return [...groups.values()];
}

function cameTable(cells, more) {
  const table = make("table", { className: "came" }, make("thead", {}, make("tr", {},
    ...["verdict", "case", "setup", "what came"].map((name) => make("th", { scope: "col", textContent: name })))));
  const body = make("tbody");
  for (const group of grouped(cells, (one) => [one.case, one.verdict, one.known, one.outcomes, one.violations, entryOf(one, more).executions])) {
    const [one] = group;
    const came = make("td", {}, make("code", { textContent: one.outcomes.join(" | ") || "nothing" }));
    if (one.violations.length) came.append(make("div", { textContent: `broke: ${one.violations.join(", ")}` }));
    for (const [repeat, attempt, verdict, outcome] of entryOf(one, more).executions || []) {
      came.append(make("div", { className: "muted", textContent: `repeat ${repeat}${attempt ? `, attempt ${attempt}` : ""}: ${verdict} ${outcome}` }));
    }
    body.append(make("tr", {}, make("td", {}, chip(fold("", [one])), ` ${one.verdict}`), make("td", { textContent: one.case.split(".").pop(), title: one.case }),
      make("td", { textContent: inWordsOf(group.map((each) => each.setup)) }), came));
  }
  table.append(body);
  return make("div", { className: "scroll" }, table);
}

// One thing that is red, told once for all the setups in which it is the same.
function redGroup(group, more) {
  const one = group.find((each) => entryOf(each, more).trace) || group[0];
  const entry = entryOf(one, more);
  const kernel = data.columns[one.column];
  const kind = data.verdicts[one.verdict];
  const section = make("section", { className: "group" });
  section.append(make("h3", {}, chip(fold("", [one])), ` ${one.case} `, make("span", { className: "muted", textContent: inWordsOf(group.map((each) => each.setup)) })),
    make("p", { className: "muted", textContent: `${one.verdict}: ${kind.meaning}${one.violations.length ? `; invariants broken: ${one.violations.join(", ")}` : ""}` }));
  const issue = one.known && data.issues[one.known];
  if (issue) {
    section.append(make("div", { className: "issue" }, make("b", { textContent: `Known issue ${one.known} (${issue.kind}): ` }), issue.reason,
      make("div", {}, `Source: ${issue.source}. On: `, make("code", { textContent: (issue.versions || []).join(", ") }))));
  }
  if (entry.trace) section.append(sequence(entry.trace, more.shapes));
  if (entry.message !== undefined) section.append(make("pre", { textContent: more.messages[entry.message] }));
  if (entry.console) section.append(make("h3", { textContent: "Console" }), make("pre", { textContent: entry.console }));
  section.append(command(`ringspec replay ${data.run} ${kernel.spec} ${one.case}/${one.setup}`));
  const place = data.cases[one.case][1];
  if (place) section.append(make("p", { className: "muted", textContent: place }));
  return section;
}

function histogram(one, drawn) {
  const all = Object.values(drawn).reduce((sum, count) => sum + count, 0);
  const chart = make("div", { className: "histogram" });
  for (const [name, count] of Object.entries(drawn).sort((a, b) => b[1] - a[1])) {
    const bar = make("i");
    bar.style.width = `${(100 * count) / all}%`;
    chart.append(make("span", { textContent: name }), bar, make("span", { textContent: `${count} of ${all}` }));
  }
  return make("section", {}, make("h3", { textContent: `What the race of ${one.case.split(".").pop()} came to (${one.setup})` }), chart);
}

let opener = null;
let shown = "";
async function showCell(target) {
  if (target === shown) return;
  shown = target || "";
  if (!target) { if (dialog.open) dialog.close(); return; }
  const [id, index, name, setup] = target.split("~");
  const column = Number(index);
  if (!data.clauses[id] || !data.columns[column]) { go({ cell: "" }); return; }
  const kernel = data.columns[column];
  const cells = cellsOf(id, column, setup, name);
  const more = await load();
  if (target !== shown) return;
  const close = make("button", { type: "button", textContent: "Close" });
  close.addEventListener("click", () => dialog.close());
  const title = make("h2", { id: "detail-title", tabIndex: -1 }, chip(fold(id, cells)), " ", make("a", { href: `#clause=${id}`, textContent: id }), ` on ${kernel.title}`);
  const parts = [make("div", { className: "head" }, title, close), promise(id), strip(id, column, name ? [name, setup] : []),
    make("p", { className: "muted", textContent: `${kernel.spec}, ${kernel.release}` })];
  if (name) {
    const all = make("a", { href: "#", textContent: "all cases and setups" });
    all.addEventListener("click", (event) => { event.preventDefault(); go({ cell: `${id}~${column}` }); });
    parts.push(make("p", {}, `Only ${name} in setup ${setup}; see `, all, "."));
  }
  if (cells.length) parts.push(cameTable(cells, more));
  else parts.push(make("p", { textContent: isInvariant(id) ? "No case broke this invariant here." : "This was not run." }));
  const red = cells.filter((one) => one.red);
  for (const group of grouped(red, (one) => [one.case, one.verdict, one.known, one.outcomes, one.violations, entryOf(one, more).message])) parts.push(redGroup(group, more));
  for (const one of cells) {
    const { drawn } = entryOf(one, more);
    if (drawn) parts.push(histogram(one, drawn));
  }
  document.getElementById("detail-body").replaceChildren(...parts);
  if (!dialog.open) { opener = document.activeElement; dialog.showModal(); title.focus(); }
  dialog.scrollTop = 0;
}

dialog.addEventListener("close", () => {
  if (state().has("cell")) go({ cell: "" });
  if (opener && opener.isConnected) opener.focus();
});
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
