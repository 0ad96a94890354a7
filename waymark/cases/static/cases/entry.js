// Comfort on the case pages. A form about an event asks for much: this hides what the chosen kind does not ask for; without
// it all is shown. In the month grid it marks the square whose reason htmx has fetched; without it the page does.
"use strict";

(() => {
  const groupOf = (element) => element.closest(".usa-form-group");

  const follow = (kind, asked) => {
    const show = () => {
      asked.forEach((element) => {
        const group = groupOf(element);
        const wanted = element.dataset.askedOf === kind.value;
        group.hidden = !wanted && !group.classList.contains("usa-form-group--error");
        if (!wanted) element.value = "";
      });
    };
    kind.addEventListener("change", show);
    show();
  };

  document.querySelector(".wm-months")?.addEventListener("click", (event) => {
    const square = event.target.closest("a");
    if (!square) return;
    document.querySelector(".wm-months [aria-current]")?.removeAttribute("aria-current");
    square.setAttribute("aria-current", "true");
  });

  document.querySelectorAll("[data-entry]").forEach((form) => {
    const sets = form.querySelectorAll("[data-kind]");
    const scopes = sets.length ? Array.from(sets) : [form];
    scopes.forEach((scope) => {
      const kind = scope.querySelector(`select[name="${scope.dataset.kind ?? "kind"}"]`);
      const asked = scope.querySelectorAll("[data-asked-of]");
      if (kind && asked.length) follow(kind, asked);
    });
  });
})();
