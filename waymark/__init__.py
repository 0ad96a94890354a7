"""Waymark: community corrections from intake to discharge. docs/map.md says where things live."""

__version__ = "0.1.0"
