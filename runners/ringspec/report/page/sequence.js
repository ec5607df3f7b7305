// Draws a trace: a row for each request from its SQE to its CQEs, links and cancels between the rows,
// time from left to right.  Distances grow with the logarithm of the time that passed.
const SVG = "http://www.w3.org/2000/svg";
const ROW = 34, LEFT = 250, TOP = 34;

function draw(parent, tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function duration(us) {
  const [value, unit] = us < 1000 ? [us, "µs"] : us < 1e6 ? [us / 1000, "ms"] : [us / 1e6, "s"];
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toPrecision(3)} ${unit}`;
}

// Rows of requests and of calls that are no requests ("sync_cancel is called", "... returned 0").
function lanes(shape) {
  const rows = [], rowOf = new Map(), calls = new Map(), notes = [];
  shape.forEach((event, at) => {
    if (event[0] === "s") {
      rowOf.set(at, rows.length);
      rows.push({ begin: at, ring: event[1], tag: event[2], what: event[3], flags: event[4], aim: event[5], targets: event[6], results: [] });
    } else if (event[0] === "c") {
      const [, ring, tag, result, flags, of] = event;
      let row = rows[rowOf.get(of)];
      if (!row) rows.push(row = { begin: null, ring, tag, what: "no request", flags: [], results: [] });
      row.results.push({ at, result: [result, ...flags].join(" +"), last: !flags.includes("MORE") });
    } else if (event[0] === "n") {
      const call = /^(\S+) (is called|returned (.+))$/.exec(event[1]);
      if (call && call[3] === undefined) {
        calls.set(call[1], rows.length);
        rows.push({ begin: at, call: true, tag: call[1], what: "call", flags: [], results: [] });
      } else if (call && calls.has(call[1])) {
        rows[calls.get(call[1])].results.push({ at, result: call[3], last: true });
      } else notes.push({ at, text: event[1] });
    } else notes.push({ at, text: `${event[1]} events are left out here` });
  });
  return { rows, rowOf, notes };
}

function sequence([number, ...times], shapes) {
  const shape = shapes[number];
  const { rows, rowOf, notes } = lanes(shape);
  const stamps = [];
  const xs = [];
  times.forEach((step, at) => {
    stamps.push((stamps[at - 1] || 0) + step);
    const simultaneous = step === 0 && at > 0;
    xs.push(at === 0 ? LEFT + 20 : xs[at - 1] + (simultaneous ? 16 : 34 + 13 * Math.log10(1 + step / 20)));
  });
  const right = xs[xs.length - 1] + 110;
  const bottom = TOP + rows.length * ROW;
  const height = bottom + (notes.length ? 22 : 8);
  const svg = draw(document.createDocumentFragment(), "svg", { width: right, height, viewBox: `0 0 ${right} ${height}`, role: "img", preserveAspectRatio: "xMinYMin" });
  const told = inWords(shape, stamps);
  draw(svg, "title", {}, `What was submitted and completed, ${shape.length} events in ${duration(stamps[stamps.length - 1])}`);
  const middle = (row) => TOP + row * ROW + ROW / 2;
  rows.forEach((row, at) => { if (at % 2 === 0) draw(svg, "rect", { class: "lane", x: 0, y: TOP + at * ROW, width: right, height: ROW }); });
  axis(svg, xs, stamps, bottom);
  notes.forEach((note, index) => {
    const vain = note.text === "waited in vain";
    draw(svg, "line", { class: vain ? "vain" : "grid", x1: xs[note.at], x2: xs[note.at], y1: TOP, y2: bottom });
    draw(svg, "text", { class: vain ? "vaintext" : "faint", x: xs[note.at], y: bottom + 15, "text-anchor": "middle" }, vain ? "gave up" : `(${index + 1})`);
  });
  const rings = new Set(rows.filter((row) => !row.call).map((row) => row.ring)).size;
  rows.forEach((row, at) => lane(svg, row, middle(at), xs, right, rings > 1));
  rows.forEach((row, at) => {
    if (row.begin === null) return;
    if (row.flags.some((flag) => flag === "LINK" || flag === "HARDLINK") && rows[at + 1]) link(svg, row, middle(at), middle(at + 1), xs[row.begin]);
    (row.targets || []).forEach((target) => { if (rowOf.has(target)) aim(svg, xs[row.begin], middle(at), middle(rowOf.get(target)), maybe(row)); });
  });
  const scroll = make("div", { tabIndex: 0, role: "region" }, svg);
  scroll.setAttribute("aria-label", "Sequence of SQEs and CQEs; scrolls sideways");
  const caption = make("figcaption", {}, "■ SQE  ○ CQE  ↗ a cancel, update or removal and what its key fits; ordered by time, distances are logarithmic.");
  const others = notes.map((note, index) => (note.text === "waited in vain" ? "" : `(${index + 1}) ${note.text}`)).filter(Boolean);
  if (others.length) caption.append(make("div", { textContent: others.slice(0, 12).join("; ") + (others.length > 12 ? `; … ${others.length - 12} more` : "") }));
  const list = make("ol", {}, ...told.map((line) => make("li", { textContent: line })));
  caption.append(make("details", {}, make("summary", { textContent: "as text" }), list));
  return make("figure", { className: "sequence" }, scroll, caption);
}

const maybe = (row) => (row.targets.length > 1 && !row.flags.includes("ALL"));

function axis(svg, xs, stamps, bottom) {
  let free = 0;
  xs.forEach((x, at) => {
    draw(svg, "line", { class: "grid", x1: x, x2: x, y1: TOP - 4, y2: TOP });
    if (x < free || (at > 0 && stamps[at] === stamps[at - 1])) return;
    draw(svg, "text", { class: "faint", x, y: TOP - 9, "text-anchor": "middle" }, at ? duration(stamps[at]) : "0");
    free = x + 56;
  });
  draw(svg, "line", { class: "grid", x1: LEFT, x2: xs[xs.length - 1] + 100, y1: TOP, y2: TOP });
  draw(svg, "line", { class: "grid", x1: LEFT, x2: LEFT, y1: TOP, y2: bottom });
}

function lane(svg, row, y, xs, right, ring) {
  const name = draw(svg, "text", { x: 10, y: y - 3 });
  draw(name, "tspan", { class: "tag" }, row.tag);
  draw(name, "tspan", { class: "faint", dx: 6 }, ring && !row.call ? `ring ${row.ring}` : "");
  const flags = row.flags.filter((flag) => flag !== "LINK" && flag !== "HARDLINK");
  const aimed = row.aim ? (row.targets && row.targets.length + 1 > 0 && /CANCEL|REMOVE/.test(row.what) ? ` → ${row.aim}` : ` ${row.aim}`) : "";
  const label = [row.what, ...flags].join(" +") + aimed;
  const text = draw(svg, "text", { class: "faint mono", x: 10, y: y + 11 }, label.length > 38 ? label.slice(0, 37) + "…" : label);
  if (label.length > 38) draw(text, "title", {}, label);
  const from = row.begin === null ? xs[row.results[0].at] : xs[row.begin];
  const final = row.results.find((result) => result.last);
  const until = final ? xs[final.at] : right - 62;
  draw(svg, "line", { class: final ? "life" : "life open", x1: from, x2: Math.max(until, from), y1: y, y2: y });
  if (row.begin !== null) draw(svg, "rect", { class: "sqe", x: from - 5, y: y - 5, width: 10, height: 10, rx: row.call ? 5 : 0 });
  row.results.forEach((result, index) => {
    draw(svg, "circle", { class: result.last ? "cqe" : "cqe more", cx: xs[result.at], cy: y, r: 5.5 });
    const next = row.results[index + 1];
    if (!next || xs[next.at] - xs[result.at] > 60) draw(svg, "text", { class: "result", x: xs[result.at] + 10, y: y + 4 }, result.result);
  });
  if (!final) draw(svg, "text", { class: "never", x: right - 56, y: y + 4 }, row.call ? "no return" : "no CQE");
}

function link(svg, row, from, to, x) {
  draw(svg, "path", { class: "link", d: `M${x} ${from + 6} V${to - 7} m-4 -5 l4 5 l4 -5` });
  draw(svg, "text", { class: "linktext", x: x + 7, y: (from + to) / 2 + 4 }, row.flags.includes("HARDLINK") ? "hard link" : "link");
}

function aim(svg, x, from, to, unsure) {
  const up = to < from ? 1 : -1;
  const tip = to + up * 4;
  draw(svg, "path", { class: unsure ? "aim maybe" : "aim", d: `M${x} ${from - up * 6} C${x + 14} ${from - up * 14} ${x + 14} ${tip + up * 14} ${x} ${tip + up * 5}` });
  draw(svg, "path", { class: "arrow", d: `M${x} ${tip} l-4 ${up * 8} l8 ${up * -1} z` });
}

function inWords(shape, stamps) {
  return shape.map((event, at) => {
    const time = duration(stamps[at]);
    if (event[0] === "s") {
      const [, , tag, op, flags, aimed, targets] = event;
      const hits = targets.length ? `, fits ${targets.map((target) => shape[target][2]).join(", ")}` : "";
      return `${time}: SQE ${tag}: ${[op, ...flags].join(" +")} ${aimed}${hits}`;
    }
    if (event[0] === "c") return `${time}: CQE ${event[2]}: ${[event[3], ...event[4]].join(" +")}`;
    return `${time}: ${event[0] === "n" ? event[1] : `… ${event[1]} events`}`;
  });
}
