"""PURE: from what devices said to episodes: readings, vendors, zones, schedules, the kernel, alcohol."""
