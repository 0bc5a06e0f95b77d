
for (const head of document.querySelectorAll("table.sortable th[data-sort]")) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const table = head.closest("table"), column = [...head.parentNode.children].indexOf(head);
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.children[column].dataset.value;
    const order = (a, b) => head.dataset.sort === "number"
      ? (a === "") - (b === "") || (down ? b - a : a - b)
      : (down ? -1 : 1) * a.localeCompare(b, "en", { numeric: true });
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort((a, b) => order(value(a), value(b))));
  });
}
