{% load static %}// The drive-by page without a network: the page as it was last read today, and what it is drawn with. Nothing else.
"use strict";
const KEPT = "waymark-drive-by";
const PAGE = "{% url "drive_by" %}";
const LONGEST_MS = 16 * 3600 * 1000; // names do not stay on a phone longer than a shift
const DRAWN_WITH = [
  "{% static "web/mark.svg" %}",
  "{% static "uswds/css/uswds.min.css" %}",
  "{% static "web/waymark.css" %}",
  "{% static "cases/cases.css" %}",
  "{% static "monitoring/zones.css" %}",
  "{% static "uswds/js/uswds-init.min.js" %}",
  "{% static "uswds/js/uswds.min.js" %}",
  "{% static "htmx/htmx.min.js" %}",
  "{% static "web/waymark.js" %}",
  "{% static "monitoring/drive_by.js" %}",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(DRAWN_WITH)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && address.pathname === PAGE) event.respondWith(page(event.request));
  else if (DRAWN_WITH.includes(address.pathname)) event.respondWith(drawn(event.request));
});

async function page(request) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    // Somebody else's sign-in, or none: what was read before is no longer for these eyes.
    if (fresh.ok && !fresh.redirected) await kept.put(PAGE, fresh.clone());
    else await kept.delete(PAGE);
    return fresh;
  } catch (noNetwork) {
    const known = await kept.match(PAGE);
    const read = known && Date.parse(known.headers.get("Date"));
    if (known && Date.now() - read < LONGEST_MS) return known;
    await kept.delete(PAGE);
    return new Response("No network, and no list of today on this phone. Open the page once where there is a network.", {
      status: 503,
      headers: { "Content-Type": "text/plain; charset=utf-8" },
    });
  }
}

async function drawn(request) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await kept.put(request, fresh.clone());
    return fresh;
  } catch (noNetwork) {
    return (await kept.match(request, { ignoreSearch: true })) || Response.error();
  }
}
