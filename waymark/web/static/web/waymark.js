// Comfort on top of pages that work without it: sorting and filtering lists, the "/" key, the cursor at the errors.
"use strict";

(() => {
  // USWDS sorts columns whose headings carry data-sortable and reads changes aloud in a region after the table.
  const prepareSorting = (table) => {
    const headings = table.querySelectorAll("thead th:not([data-unsortable])");
    headings.forEach((heading) => {
      heading.setAttribute("data-sortable", "");
      heading.setAttribute("role", "columnheader");
    });
    const region = document.createElement("div");
    region.className = "usa-sr-only usa-table__announcement-region";
    region.setAttribute("aria-live", "polite");
    table.after(region);
  };

  const prepareFilter = (table, number) => {
    const rows = Array.from(table.tBodies[0]?.rows ?? []);
    if (rows.length < 2) return;
    const id = `filter-${number}`;
    const box = document.createElement("div");
    box.className = "wm-filter";
    const label = document.createElement("label");
    label.htmlFor = id;
    label.textContent = "Filter this list";
    const input = document.createElement("input");
    input.id = id;
    input.type = "text";
    input.className = "usa-input";
    input.autocomplete = "off";
    const count = document.createElement("span");
    count.setAttribute("role", "status");
    box.append(label, input, count);
    (table.closest(".usa-table-container--scrollable") ?? table).before(box);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown += 1;
      });
      count.textContent = words.length ? `${shown} of ${rows.length}` : "";
    });
  };

  let tables = 0;
  const prepare = (root) => {
    root.querySelectorAll("table[data-sortable]:not([data-ready])").forEach((table) => {
      table.setAttribute("data-ready", "");
      prepareSorting(table);
      if (table.hasAttribute("data-filterable")) prepareFilter(table, (tables += 1));
    });
  };
  prepare(document); // deferred, and before uswds.min.js, which turns the marked headings into buttons

  document.addEventListener("htmx:afterSettle", (event) => {
    prepare(event.target);
    window.uswds?.table?.on(event.target);
  });

  const typing = (element) => element.matches("input, select, textarea, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const search = document.querySelector("[data-shortcut='/']");
    if (!search) return;
    event.preventDefault();
    search.focus();
  });

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  document.querySelector("[data-error-summary]")?.focus();
})();
