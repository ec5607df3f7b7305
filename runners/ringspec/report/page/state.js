// Everything that can be sent as a link is in the fragment: view, filters, the open cell.
const VIEWS = ["matrix", "red", "says", "tested"];
const state = () => new URLSearchParams(location.hash.slice(1));

// Changes some parameters and leaves the others; a view or an open cell is a step for the back button.
function go(changes, step = false) {
  const next = state();
  for (const [key, value] of Object.entries(changes)) value ? next.set(key, value) : next.delete(key);
  const hash = "#" + String(next).replaceAll("%7E", "~").replaceAll("%2C", ",");
  if (hash === (location.hash || "#")) return;
  if (step) history.pushState(null, "", hash); else history.replaceState(null, "", hash);
  window.dispatchEvent(new Event("statechange"));
}

function wanted() {
  const now = state();
  const list = (name) => (now.get(name) || "").split(",").filter(Boolean);
  const number = (name) => (now.has(name) && data.columns[Number(now.get(name))] ? Number(now.get(name)) : null);
  const view = VIEWS.includes(now.get("view")) ? now.get("view") : "matrix";
  return {
    view: now.get("clause") ? "clause" : view, clause: now.get("clause"), cell: now.get("cell"),
    query: (now.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean),
    rows: now.get("rows") || "", kind: now.get("kind") || "", family: now.get("family") || "", setup: data.setups.includes(now.get("setup")) ? now.get("setup") : "",
    verdicts: list("verdict"), kernels: list("kernel").map(Number).filter((column) => data.columns[column]),
    folded: list("folded"), open: list("open"), a: number("a"), b: number("b"),
  };
}
const isDiff = (want) => want.a !== null && want.b !== null && want.a !== want.b;
const shownColumns = (want) => {
  if (isDiff(want)) return [want.a, want.b];
  return want.kernels.length ? want.kernels : data.columns.map((_, column) => column);
};
