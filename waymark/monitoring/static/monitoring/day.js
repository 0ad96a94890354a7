// The map of a day and the slider that goes through it: map, band and table show the same moment.
"use strict";

(() => {
  const element = document.getElementById("day-map");
  if (!element) return;
  document.querySelectorAll("[data-needs-script]").forEach((section) => (section.hidden = false));
  const slider = document.getElementById("moment");
  const said = document.getElementById("moment-said");
  const fromMs = Number(slider.dataset.from);
  const table = document.getElementById("fixes");
  const rows = new Map(Array.from(table?.tBodies[0].rows ?? [], (row) => [Number(row.dataset.at), row]));
  const scroller = table?.closest(".wm-fixes");
  const lines = document.querySelectorAll("[data-moment-line]");

  waymarkTrailMap(element).then(({ data, trail }) => {
    const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: data.time_zone });
    const minuteOf = (atMs) => Math.round((atMs - fromMs) / 60000);

    const show = () => {
      const minute = Number(slider.value);
      const atMs = fromMs + minute * 60000;
      const fix = trail.show(atMs);
      const time = clock.format(atMs);
      const away = Math.round(Math.abs(fix.at_ms - atMs) / 60000);
      const near = away > 5 ? `, ${away} minutes ${fix.at_ms < atMs ? "before" : "after"}` : "";
      const accuracy = `± ${Math.round(fix.radius_m)} m${fix.sent ? "" : " (not sent, taken)"}`;
      const parts = [`${time}: fix of ${fix.time}${near}`, fix.words, accuracy, fix.sides];
      said.textContent = `${parts.filter(Boolean).join(" · ")}.`;
      slider.setAttribute("aria-valuetext", `${time}, ${fix.sides || fix.words}`);
      lines.forEach((line) => line.setAttribute("d", `M${minute} 0v20`));
      highlight(fix);
    };

    const highlight = (fix) => {
      table.querySelector("tr[aria-current]")?.removeAttribute("aria-current");
      const row = rows.get(fix.at_ms);
      if (!row) return;
      row.setAttribute("aria-current", "true");
      scroller.scrollTop += row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - scroller.clientHeight / 2;
    };

    slider.addEventListener("input", show);
    rows.forEach((row, atMs) => row.addEventListener("click", () => {
      slider.value = String(minuteOf(atMs));
      show();
    }));
    const first = data.episodes[0]?.from_ms ?? data.fixes[0].at_ms;
    slider.value = String(Math.max(minuteOf(first), 0));
    show();
  }, () => slider.closest(".wm-moment").remove());
})();
