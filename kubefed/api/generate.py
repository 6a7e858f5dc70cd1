"""Writes the CRDs into files, or checks that the files are what would be written: `python -m kubefed.api.generate`.

A tool for developers and CI, and the only module of this package that touches files.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from kubefed.api.default_types import all_crds
from kubefed.api.member_crds import member_crds

_HEADER = "# Made from the models in kubefed/api by `python -m kubefed.api.generate`. Change those, not this file.\n"
_FOLDER = Path(__file__).resolve().parents[2] / "crds"


def rendered_files() -> dict[str, str]:
    """File names and their texts, for the host: one CRD each, named by group and plural."""
    return _files(all_crds())


def rendered_member_files() -> dict[str, str]:
    """The same for members."""
    return _files(member_crds())


def _files(crds: Iterable[dict[str, Any]]) -> dict[str, str]:
    return {f"{crd['spec']['group']}_{crd['spec']['names']['plural']}.yaml": render(crd) for crd in crds}


def render(content: Any, header: str = _HEADER) -> str:
    """A document as YAML that people can read and diffs show well."""
    return header + yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Repeats what occurs twice instead of making anchors, which kubectl would not mind but readers do."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


def stale_files(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """The names of the YAML files that are missing, different, or should not be there."""
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")}
    return sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))


def write_files(folder: Path, wanted: Mapping[str, str]) -> None:
    """Make the folder's YAML files exactly the wanted ones."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.yaml"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def main() -> int:
    """The command; exits with 1 when --check finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m kubefed.api.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a file is not up to date")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="where the files are (default: crds in the sources)")
    arguments = parser.parse_args()
    stale = []
    for folder, files in ((arguments.folder, rendered_files()), (arguments.folder / "members", rendered_member_files())):
        if arguments.check:
            stale += stale_files(folder, files)
        else:
            write_files(folder, files)
    for name in stale:
        sys.stdout.write(f"not up to date: {name}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
