"use strict";
// Sorting, filtering and folding; the page is whole without it.
for (const table of document.querySelectorAll("table[data-sort]")) {
  const form = document.querySelector(`form.filter[data-table="${table.id}"]`);
  // A table is in groups, or is one group without a head.
  const groups = [...table.tBodies].map((body) => {
    const head = body.querySelector("tr.group");
    return { body, head, rows: [...body.rows].filter((row) => row !== head) };
  });
  const rows = groups.flatMap(({ rows }) => rows);
  const heads = [...table.querySelectorAll("thead th")];
  const one = document.createElement("tbody");
  let sorted = null;

  const key = (row) => {
    const cell = row.cells[sorted.column];
    if (!heads[sorted.column].classList.contains("n")) return cell.textContent;
    return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
  };
  const inOrder = (rows) => sorted === null ? rows : [...rows].sort((a, b) => {
    const x = key(a), y = key(b);
    // What is absent comes last either way.
    if (x === null || y === null) return (x === null) - (y === null);
    return sorted.sign * (typeof x === "number" ? x - y : x.localeCompare(y, "en", { numeric: true }));
  });
  const arrange = () => {
    if (form?.elements.list?.checked) return one.append(...inOrder(rows));
    for (const { body, rows } of groups) body.append(...inOrder(rows));
  };

  heads.forEach((th, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = th.textContent;
    th.replaceChildren(button);
    button.addEventListener("click", () => {
      // Ascending, descending, then as planned again.
      const next = { ascending: "descending", descending: "none" }[th.getAttribute("aria-sort")] || "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (next !== "none") th.setAttribute("aria-sort", next);
      sorted = next === "none" ? null : { column, sign: next === "ascending" ? 1 : -1 };
      arrange();
    });
  });

  const fold = ({ body, button }, folded) => {
    body.classList.toggle("folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
  };
  const grouped = groups.filter(({ head }) => head);
  for (const group of grouped) {
    group.button = document.createElement("button");
    group.button.type = "button";
    const name = group.head.querySelector("code");
    name.before(group.button);
    group.button.append(name);
    group.button.setAttribute("aria-expanded", "true");
    group.button.addEventListener("click", () => fold(group, !group.body.classList.contains("folded")));
  }

  if (!form) continue;
  const { words, label, only, list } = form.elements;
  const shown = form.querySelector("output");
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = texts.get(row);
      const keep = wanted.every((word) => text.includes(word))
        && (!label.value || row.dataset.label === label.value)
        && (!only.value || row.cells[0].textContent === only.value);
      row.hidden = !keep;
      count += keep;
    }
    for (const { body, rows } of grouped) body.hidden = list.checked || rows.every((row) => row.hidden);
    // What is looked for is shown, folded or not.
    table.classList.toggle("filtered", Boolean(wanted.length || label.value || only.value));
    shown.value = `${count} of ${rows.length} rows`;
  };
  form.addEventListener("input", (event) => {
    if (event.target === list) {
      table.classList.toggle("grouped", !list.checked);
      if (list.checked) table.append(one); else one.remove();
      arrange();
    }
    filter();
  });
  for (const button of form.querySelectorAll("button[data-fold]")) {
    button.addEventListener("click", () => grouped.forEach((group) => fold(group, button.dataset.fold === "true")));
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
}
// On paper there is nothing to open.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
