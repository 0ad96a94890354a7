// Copying one day's windows to other days.
"use strict";
(() => {
  const form = document.querySelector("[data-hours]");
  if (!form) return;
  const rows = [...form.querySelectorAll("[data-day]")];
  const weekdays = ["mon", "tue", "wed", "thu", "fri"];
  form.querySelectorAll("[data-copy-head], [data-copy-cell]").forEach((cell) => (cell.hidden = false));
  rows.forEach((row) =>
    row.querySelectorAll("[data-copy]").forEach((button) =>
      button.addEventListener("click", () => {
        const from = [...row.querySelectorAll("input")];
        rows
          .filter((other) => other !== row && (button.dataset.copy === "all" || weekdays.includes(other.dataset.day)))
          .forEach((other) => other.querySelectorAll("input").forEach((input, place) => (input.value = from[place].value)));
      })
    )
  );
})();
