"use strict";
// The page is complete without this script; it adds filters, the detail of a cell, and links to both.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const [CASE, SETUP, VERDICT, KNOWN, OUTCOMES, MESSAGE, VIOLATIONS] = [0, 1, 2, 3, 4, 5, 6];
  const form = document.getElementById("filter");
  const dialog = document.getElementById("detail");
  const body = document.getElementById("detail-body");
  const rows = [...document.querySelectorAll("#table tr[data-id]")];
  const text = (index) => data.strings[index];
  const verdicts = Object.keys(data.verdicts);
  const severity = new Map(verdicts.map((name, rank) => [name, rank]));

  function make(tag, content, css) {
    const element = document.createElement(tag);
    if (content !== undefined) element.textContent = content;
    if (css) element.className = css;
    return element;
  }

  // Everything that can be sent as a link is in the fragment.
  const state = () => new URLSearchParams(location.hash.slice(1));
  function change(changes) {
    const next = state();
    for (const [key, value] of Object.entries(changes)) value ? next.set(key, value) : next.delete(key);
    const hash = "#" + next;
    if (hash !== location.hash) history.replaceState(null, "", hash);
    apply();
  }

  const cellsOf = (id, column) => (data.cells[id] || {})[column] || [];
  const isBad = (cell) => !data.verdicts[cell[VERDICT]].ok || cell[VIOLATIONS].length > 0;
  const isInvariant = (id) => Boolean(data.clauses[id].invariant);

  function fold(id, cells) {
    if (isInvariant(id)) {
      return cells.length ? { name: "fail", known: cells.every((cell) => cell[KNOWN]) } : { name: "pass" };
    }
    const red = cells.filter((cell) => !data.verdicts[cell[VERDICT]].ok);
    const fresh = red.filter((cell) => !cell[KNOWN]);
    const pool = fresh.length ? fresh : red.length ? red : cells;
    if (!pool.length) return null;
    const names = pool.map((cell) => cell[VERDICT]).sort((a, b) => severity.get(a) - severity.get(b));
    return { name: names[0], known: red.length > 0 && !fresh.length };
  }

  function paint(anchor, id, column, setup) {
    const cells = cellsOf(id, column).filter((cell) => !setup || cell[SETUP] === setup);
    const folded = fold(id, cells);
    if (!folded) { anchor.textContent = " "; anchor.className = "sq"; return; }
    const kind = data.verdicts[folded.name];
    const words = `${folded.name}${folded.known ? ", known issue" : ""}: ${id} on ${data.columns[column].title}`;
    anchor.title = words;
    anchor.setAttribute("aria-label", words);
    anchor.textContent = folded.known ? kind.symbol.toLowerCase() : kind.symbol;
    anchor.className = "sq " + (kind.ok ? folded.name : folded.known ? "known" : kind.environment ? "env" : "bad");
  }

  let painted = "";
  function apply() {
    const wanted = state();
    for (const name of ["q", "rows", "setup"]) {
      if (form.elements[name].value !== (wanted.get(name) || "")) form.elements[name].value = wanted.get(name) || "";
    }
    const setup = wanted.get("setup") || "";
    if (setup !== painted) {
      for (const row of rows) {
        row.querySelectorAll("td a").forEach((anchor) => paint(anchor, row.dataset.id, column(anchor), setup));
      }
      painted = setup;
    }
    const query = (wanted.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    const kind = wanted.get("rows") || "";
    let shown = 0;
    for (const row of rows) {
      const hit = query.every((word) => haystack(row).includes(word)) && shows(row, kind);
      row.hidden = !hit || row.parentNode.dataset.folded === "yes";
      shown += hit ? 1 : 0;
    }
    document.getElementById("shown").textContent = shown === rows.length ? "" : `${shown} of ${rows.length} clauses`;
    show(wanted.get("cell"));
  }

  const column = (anchor) => anchor.getAttribute("href").split("~")[1];
  const texts = new Map();
  function haystack(row) {
    const id = row.dataset.id;
    if (!texts.has(id)) {
      const clause = data.clauses[id];
      const cases = new Set(Object.values(data.cells[id] || {}).flat().map((cell) => text(cell[CASE])));
      texts.set(id, [id, row.parentNode.dataset.family, clause.says, clause.source, ...cases].join(" ").toLowerCase());
    }
    return texts.get(id);
  }
  function shows(row, kind) {
    const squares = [...row.querySelectorAll("td a")];
    if (kind === "differ") return new Set(squares.map((square) => square.textContent)).size > 1;
    if (kind === "red") return squares.some((square) => /\b(bad|env|known)\b/.test(square.className));
    if (kind === "new") return squares.some((square) => /\b(bad|env)\b/.test(square.className));
    return true;
  }

  function pairs(list, entries) {
    for (const [name, value] of entries) {
      if (!value || (Array.isArray(value) && !value.length)) continue;
      list.append(make("dt", name), make("dd", Array.isArray(value) ? value.join(" | ") : value));
    }
    return list;
  }

  // Setups in which the same case came to the same are told once.
  function alike(cells) {
    const groups = new Map();
    for (const cell of cells) {
      const key = JSON.stringify([cell[CASE], cell[VERDICT], cell[KNOWN], cell[OUTCOMES], cell[MESSAGE], cell[VIOLATIONS]]);
      groups.set(key, [...(groups.get(key) || []), cell]);
    }
    return [...groups.values()];
  }

  function detailOf(group, kernel) {
    const cell = group[0];
    const section = make("section");
    const kind = data.verdicts[cell[VERDICT]];
    const head = make("h3");
    const css = kind.ok ? cell[VERDICT] : cell[KNOWN] ? "known" : kind.environment ? "env" : "bad";
    head.append(make("span", kind.symbol, "sq " + css), ` ${cell[VERDICT]}: ${kind.meaning}`);
    section.append(head, pairs(make("dl"), [
      ["kernel", `${kernel.spec} (${kernel.release})`],
      ["setups", group.map((one) => one[SETUP]).join(", ")],
      ["case", text(cell[CASE])],
      ["came", cell[OUTCOMES].map(text)],
      ["invariants broken", cell[VIOLATIONS].map(text)],
    ]));
    if (cell[MESSAGE]) section.append(make("pre", text(cell[MESSAGE])));
    const issue = cell[KNOWN] && data.issues[cell[KNOWN]];
    if (issue) section.append(make("p", `Known issue ${cell[KNOWN]} (${issue.kind}): ${issue.reason} (${issue.source})`));
    if (isBad(cell)) {
      const command = `ringspec run --kernel ${kernel.spec} --case ${text(cell[CASE])} --setup ${cell[SETUP]}`;
      section.append(make("code", command));
    }
    return section;
  }

  let open = null;
  function show(target) {
    if (target === open) return;
    open = target;
    if (!target) { if (dialog.open) dialog.close(); return; }
    const [id, index] = target.split("~");
    const clause = data.clauses[id];
    if (!clause) return;
    const title = make("h2", id);
    title.id = "detail-title";
    const close = make("button", "Close", "close");
    close.type = "button";
    close.addEventListener("click", () => dialog.close());
    const range = [clause.since && `since ${clause.since}`, clause.until && `until ${clause.until}`,
      clause.backports && `backports ${clause.backports.join(", ")}`].filter(Boolean).join(", ");
    body.replaceChildren(close, title, make("p", clause.says), pairs(make("dl"), [
      ["promised by", clause.source], ["page", clause.pinned], ["level", clause.level], ["range", range],
      ["needs", clause.needs], ["older kernels", clause.older], ["known outcomes", clause.expected],
      ["only in setups", clause.setups], ["other pages", clause.conflicts],
    ]));
    const columns = index === undefined ? data.columns.keys() : [Number(index)];
    for (const number of columns) {
      const cells = cellsOf(id, number);
      if (!cells.length && index !== undefined) body.append(make("p", "No case broke this invariant."));
      const told = index === undefined ? cells.filter(isBad) : cells;
      for (const group of alike(told)) body.append(detailOf(group, data.columns[number]));
    }
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  document.getElementById("table").addEventListener("click", (event) => {
    const anchor = event.target.closest("a[href^='#cell=']");
    const button = event.target.closest(".family button");
    if (anchor) {
      event.preventDefault();
      change({ cell: anchor.getAttribute("href").slice(6) });
    } else if (button) {
      const folded = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!folded));
      button.closest("tbody").dataset.folded = folded ? "yes" : "";
      apply();
    }
  });
  dialog.addEventListener("close", () => change({ cell: "" }));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  form.addEventListener("input", () => {
    change({ q: form.elements.q.value, rows: form.elements.rows.value, setup: form.elements.setup.value });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", apply);
  apply();
})();
