// Where an alert happened, on the alert's page.
"use strict";

(() => {
  const element = document.getElementById("alert-map");
  if (!element?.dataset.url) return;
  element.hidden = false;
  waymarkTrailMap(element).then(
    ({ data }) => {
      if (data.fixes.length || data.zones.length) document.getElementById("alert-map-legend").hidden = false;
      else element.hidden = true;
    },
    () => {},
  );
})();
