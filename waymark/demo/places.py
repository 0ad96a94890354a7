"""Streets of St. Louis city and county. The house numbers that go with them are invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Street:
    name: str
    city: str
    postal_code: str
    part: str  # "city", "north", "south", "west": which field office is nearest


def _streets(city: str, part: str, postal_code: str, names: str) -> list[Street]:
    return [Street(name.strip(), city, postal_code, part) for name in names.split(",")]


STREETS = [
    *_streets("St. Louis", "city", "63118", "Cherokee St, Iowa Ave, Nebraska Ave, Minnesota Ave, Utah St"),
    *_streets("St. Louis", "city", "63116", "Gravois Ave, Bevo Ave, Morganford Rd, Delor St, Itaska St, Tholozan Ave"),
    *_streets("St. Louis", "city", "63111", "Michigan Ave, Virginia Ave, Bates St, Ivory St, Idaho Ave"),
    *_streets("St. Louis", "city", "63112", "Delmar Blvd, Page Blvd, Goodfellow Blvd, Cates Ave, Enright Ave"),
    *_streets("St. Louis", "city", "63113", "Dr Martin Luther King Dr, Cote Brilliante Ave, Kennerly Ave, Maffitt Ave"),
    *_streets("St. Louis", "city", "63107", "N Grand Blvd, Natural Bridge Ave, W Florissant Ave, Fair Ave, Lee Ave"),
    *_streets("St. Louis", "city", "63115", "Kingshighway Blvd, Euclid Ave, Ashland Ave, Lexington Ave"),
    *_streets("St. Louis", "city", "63110", "Manchester Ave, Vandeventer Ave, Gibson Ave, Arco Ave"),
    *_streets("Ferguson", "north", "63135", "N Florissant Rd, Chambers Rd, Airport Rd, Hereford Ave, Elizabeth Ave"),
    *_streets("Florissant", "north", "63031", "St Francois St, Lindbergh Blvd, Charbonier Rd, Parker Rd, Derhake Rd"),
    *_streets("Jennings", "north", "63136", "Halls Ferry Rd, Lucas and Hunt Rd, McLaran Ave, Janet Ave"),
    *_streets("Hazelwood", "north", "63042", "Howdershell Rd, Brookes Ln, Elm Grove Ln, Taylor Rd"),
    *_streets("Normandy", "north", "63121", "Natural Bridge Rd, Bermuda Dr, Florissant Rd, Augusta Ave"),
    *_streets("Overland", "west", "63114", "Woodson Rd, Midland Blvd, Lackland Rd, Ashby Rd, Lake Ave"),
    *_streets("University City", "west", "63130", "Olive Blvd, Balson Ave, North and South Rd, Canton Ave"),
    *_streets("Maryland Heights", "west", "63043", "Dorsett Rd, McKelvey Rd, Fee Fee Rd, Adie Rd"),
    *_streets("Ballwin", "west", "63011", "Manchester Rd, Clayton Rd, Reinke Rd, Holloway Rd"),
    *_streets("Lemay", "south", "63125", "Lemay Ferry Rd, Telegraph Rd, Hoffmeister Ave, Military Rd, Weber Rd"),
    *_streets("Affton", "south", "63123", "Gravois Rd, Mackenzie Rd, Heege Rd, Rock Hill Rd, Valcour Ave"),
    *_streets("Mehlville", "south", "63129", "Butler Hill Rd, Forder Rd, Meramec Bottom Rd, Lindbergh Blvd"),
]
