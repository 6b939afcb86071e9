"use strict";
const why = document.getElementById("why");
const table = document.querySelector("table");
let pressed = null;
const show = (cell) => {
  if (pressed) pressed.setAttribute("aria-pressed", "false");
  pressed = cell;
  cell.setAttribute("aria-pressed", "true");
  const name = document.createElement("b");
  name.textContent = cell.dataset.who;
  const text = document.createElement("span");
  text.textContent = cell.title;
  why.replaceChildren(name, text);
};
table.addEventListener("click", (event) => {
  const cell = event.target.closest(".cell");
  if (cell) show(cell);
});
// Arrow keys walk over the cells.
table.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  const cell = event.target.closest(".cell");
  if (!step || !cell) return;
  event.preventDefault();
  const rows = [...table.querySelectorAll("tr.row:not([hidden])")];
  const row = cell.closest("tr");
  const column = cell.closest("td").cellIndex + step[1];
  const next = rows[rows.indexOf(row) + step[0]]?.cells[column]?.querySelector(".cell");
  if (next) { next.focus(); show(next); }
});
const find = document.getElementById("find");
find.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const body of table.tBodies) {
    let some = false;
    for (const row of body.querySelectorAll("tr.row")) {
      const hit = words.every((word) => row.dataset.text.includes(word));
      row.hidden = !hit;
      some ||= hit;
      shown += hit;
    }
    body.hidden = !some;
  }
  document.querySelector(".none").hidden = shown > 0;
});
