// What the page knows: the cells of every clause on every kernel, folded and unfolded.
const data = JSON.parse(document.getElementById("data").textContent);
const severity = new Map(Object.keys(data.verdicts).map((name, rank) => [name, rank]));

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value; else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// case -> one record number for each kernel and setup, -1 where it was not run
const recordsOf = new Map();
const casesOf = new Map();
for (const [name, [clause, , ...squeezed]] of Object.entries(data.cases)) {
  const numbers = [];
  for (let i = 0; i < squeezed.length; i += 2) numbers.push(...Array(squeezed[i + 1]).fill(squeezed[i]));
  recordsOf.set(name, numbers);
  casesOf.set(clause, [...(casesOf.get(clause) || []), name]);
}
const records = data.records.map(([verdict, known, outcomes, violations]) => ({
  verdict, known: known || null, ok: Boolean(data.verdicts[verdict].ok),
  environment: Boolean(data.verdicts[verdict].environment),
  outcomes: outcomes.map((number) => data.texts[number]), violations: violations.map((number) => data.texts[number]),
}));
const brokenBy = new Map();  // invariant -> the cells that broke it

function cell(name, column, setup) {
  const record = records[recordsOf.get(name)[column * data.setups.length + data.setups.indexOf(setup)]];
  return record && { ...record, case: name, column, setup, red: !record.ok || record.violations.length > 0 };
}

function brokeInvariant(id) {
  if (!brokenBy.has(id)) {
    const found = [];
    for (const name of recordsOf.keys()) {
      data.columns.forEach((_, column) => data.setups.forEach((setup) => {
        const one = cell(name, column, setup);
        if (one && one.violations.includes(data.invariants[id])) found.push(one);
      }));
    }
    brokenBy.set(id, found);
  }
  return brokenBy.get(id);
}

const isInvariant = (id) => id in data.invariants;

// The cells of one clause on one kernel; for an invariant, those that broke it.
function cellsOf(id, column, setup = "", only = "") {
  const wanted = (one) => one && (!setup || one.setup === setup) && (!only || one.case === only);
  if (isInvariant(id)) return brokeInvariant(id).filter((one) => one.column === column && wanted(one));
  const cells = [];
  for (const name of only ? [only] : casesOf.get(id) || []) {
    for (const each of setup ? [setup] : data.setups) cells.push(cell(name, column, each));
  }
  return cells.filter(wanted);
}

// What a square shows: the worst of its cells, red that no known issue explains before red that one does.
function fold(id, cells) {
  if (isInvariant(id)) {
    const known = cells.length > 0 && cells.every((one) => one.known);
    return { verdict: cells.length ? "fail" : "pass", known, red: cells.length > 0 };
  }
  const red = cells.filter((one) => !one.ok);
  const fresh = red.filter((one) => !one.known);
  const pool = fresh.length ? fresh : red.length ? red : cells;
  if (!pool.length) return null;
  const verdict = pool.map((one) => one.verdict).sort((a, b) => severity.get(a) - severity.get(b))[0];
  return { verdict, known: red.length > 0 && !fresh.length, red: red.length > 0 };
}

function look(folded) {
  if (!folded) return { css: "void", symbol: "", words: "not run" };
  const kind = data.verdicts[folded.verdict];
  const known = folded.red && folded.known;
  return {
    css: known ? "known" : kind.ok ? folded.verdict : kind.environment ? "env" : "bad",
    symbol: known ? kind.symbol.toLowerCase() : kind.symbol,
    words: known ? `${folded.verdict}, known issue` : folded.red ? `${folded.verdict}, new` : folded.verdict,
  };
}

function chip(folded) {
  const { css, symbol, words } = look(folded);
  return make("i", { className: `v ${css}`, textContent: symbol || "\u00a0", title: words });
}

// Before and after one cell: `classify` of ringspec/diff.py.
function change(before, after) {
  if (!before || !after) return !before && !after ? "same" : after ? "added" : "removed";
  if (after.environment) return before.environment ? "same" : "never judged";
  if (before.environment) return "added";
  const broken = (one) => [...one.violations, ...(one.ok ? [] : [""])];
  const [was, is] = [broken(before), broken(after)];
  if (is.some((name) => !was.includes(name))) return before.verdict === "absent" ? "new failure" : "regression";
  if (is.length) return "still failing";
  if (was.length) return "fixed";
  if ((before.verdict === "absent") !== (after.verdict === "absent")) return before.verdict === "absent" ? "appeared" : "disappeared";
  return before.outcomes.join("|") === after.outcomes.join("|") ? "same" : "outcome changed";
}

// How often each class of change occurs in a clause (or one case or setup of it) from kernel a to b.
function changes(id, a, b, setup = "", only = "") {
  const found = {};
  for (const name of isInvariant(id) ? [] : only ? [only] : casesOf.get(id) || []) {
    for (const each of setup ? [setup] : data.setups) {
      const kind = change(cell(name, a, each), cell(name, b, each));
      if (kind !== "same") found[kind] = (found[kind] || 0) + 1;
    }
  }
  return found;
}
const worstChange = (found) => Object.keys(data.changes).find((kind) => found[kind]) || "";

// Messages, traces and consoles are compressed until the first detail is opened.
let loading = null;
function load() {
  loading ??= (async () => {
    const packed = Uint8Array.from(atob(document.getElementById("more").textContent), (char) => char.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  })();
  return loading;
}
