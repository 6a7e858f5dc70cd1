"""`fedctl upgrade`: brings what was installed by an earlier version up to this one."""
