"use strict";
// Sorting and filtering; the page is whole without it.
for (const table of document.querySelectorAll("table[data-sort]")) {
  const body = table.tBodies[0];
  const planned = [...body.rows];
  table.querySelectorAll("thead th").forEach((th, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = th.textContent;
    th.textContent = "";
    th.append(button);
    button.addEventListener("click", () => {
      // Ascending, descending, then as planned again.
      const next = { ascending: "descending", descending: "none" }[th.getAttribute("aria-sort")] || "ascending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      if (next === "none") return body.append(...planned);
      th.setAttribute("aria-sort", next);
      const sign = next === "ascending" ? 1 : -1;
      const number = th.classList.contains("n");
      const key = (row) => {
        const cell = row.cells[column];
        return number ? (cell.dataset.v === undefined ? null : Number(cell.dataset.v)) : cell.textContent;
      };
      body.append(...[...planned].sort((a, b) => {
        const x = key(a), y = key(b);
        // What is absent comes last either way.
        if (x === null || y === null) return (x === null) - (y === null);
        return sign * (number ? x - y : x.localeCompare(y, "en", { numeric: true }));
      }));
    });
  });
}
for (const form of document.querySelectorAll("form.filter")) {
  const rows = [...document.getElementById(form.dataset.table).tBodies[0].rows];
  const { words, label, only } = form.elements;
  const shown = form.querySelector("output");
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const keep = wanted.every((word) => text.includes(word))
        && (!label.value || row.dataset.label === label.value)
        && (!only.value || row.dataset.scenario === only.value);
      row.hidden = !keep;
      count += keep;
    }
    shown.value = `${count} of ${rows.length} rows`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
}
