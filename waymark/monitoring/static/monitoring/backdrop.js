// What lies under a map: the installation's tile server where there is one, else county lines and a metric grid.
"use strict";

// map: of Leaflet. Its element says where things are: data-atlas (counties of us-atlas) and data-tiles (a template of
// addresses, or nothing) with data-tiles-credit. The element needs monitoring/map.css, Leaflet and topojson-client.
function waymarkBackdrop(map) {
  const { atlas, tiles, tilesCredit } = map.getContainer().dataset;
  map.attributionControl?.setPrefix(false);
  L.control.scale({ maxWidth: 140 }).addTo(map);
  if (tiles) {
    L.tileLayer(tiles, { attribution: tilesCredit || "", maxZoom: 19 }).addTo(map);
    return;
  }
  map.createPane("backdrop").style.zIndex = 150;
  drawGrid(map);
  if (atlas) drawCounties(map, atlas);

  function drawCounties(map, address) {
    fetch(address)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then((known) => {
        const lines = topojson.mesh(known, known.objects.counties);
        L.geoJSON(lines, {
          attribution: "County lines: U.S. Census Bureau",
          interactive: false,
          pane: "backdrop",
          renderer: L.svg({ pane: "backdrop" }),
          style: { color: "#8d9297", weight: 1.5 },
        }).addTo(map);
      })
      .catch(() => map.attributionControl?.addAttribution("County lines could not be loaded"));
  }

  // Lines every 100 m, 200 m, 500 m, 1 km, ...: the finest that stand at least 60 pixels apart.
  function drawGrid(map) {
    const lines = L.layerGroup().addTo(map);
    const renderer = L.svg({ pane: "backdrop" });
    const look = { color: "#dfe1e2", weight: 1, interactive: false, pane: "backdrop", renderer };
    const redraw = () => {
      lines.clearLayers();
      const bounds = map.getBounds().pad(0.2);
      const middle = Math.cos((bounds.getCenter().lat * Math.PI) / 180);
      const metresPerPixel = (40075016.7 * middle) / (256 * 2 ** map.getZoom());
      const step = niceStep(60 * metresPerPixel);
      if (step > 20000) return;
      const north = step / 111195;
      const east = north / Math.max(Math.round(middle * 50) / 50, 0.05);
      for (let lat = Math.floor(bounds.getSouth() / north) * north; lat < bounds.getNorth(); lat += north) {
        L.polyline([[lat, bounds.getWest()], [lat, bounds.getEast()]], look).addTo(lines);
      }
      for (let lon = Math.floor(bounds.getWest() / east) * east; lon < bounds.getEast(); lon += east) {
        L.polyline([[bounds.getSouth(), lon], [bounds.getNorth(), lon]], look).addTo(lines);
      }
    };
    map.on("moveend", redraw);
    map.whenReady(redraw);
  }

  function niceStep(metres) {
    const power = 10 ** Math.floor(Math.log10(metres));
    return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= metres);
  }
}
