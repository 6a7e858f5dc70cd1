"""What this machine has to offer: cores, free memory, free disk."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

_MEBIBYTE = 1024 * 1024


def cores() -> int:
    """How many cores a build may use."""
    return os.cpu_count() or 1


def free_memory_mib() -> int | None:
    """Memory that programs can get without others being pushed out; None when the system does not say."""
    if sys.platform == "linux":
        found = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
        return int(found.group(1)) // 1024 if found else None
    try:
        told = subprocess.run(["vm_stat"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return from_vm_stat(told)


def from_vm_stat(told: str) -> int | None:
    """Read macOS's vm_stat: pages that are free, or can be freed without being written anywhere. None: it says nothing."""
    size = re.search(r"page size of (\d+) bytes", told)
    pages = re.findall(r"^Pages (?:free|inactive|speculative|purgeable):\s+(\d+)\.$", told, re.MULTILINE)
    return sum(map(int, pages)) * int(size.group(1)) // _MEBIBYTE if size and pages else None


def free_disk_mib(path: Path) -> int:
    """Free space where `path` is, or will be."""
    existing = next(place for place in (path, *path.parents) if place.exists())
    return shutil.disk_usage(existing).free // _MEBIBYTE
