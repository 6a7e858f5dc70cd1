"""Writes those files into the chart, or checks that they are what would be written: `python -m fedctl.chart.generate`.

A tool for developers and CI.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from fedctl.rights import controller, credentials, federated_types, webhook
from fedctl.rights.rbac import READ
from kubefed.api.core_v1beta1 import Scope
from kubefed.api.default_types import default_type_configs
from kubefed.api.generate import render, rendered_files, stale_files, write_files

_HEADER = "# Made from tables in cli/fedctl/rights and kubefed/api by `python -m fedctl.chart.generate`. Change those.\n"
_CHART = Path(__file__).resolve().parents[3] / "charts" / "kubefed"


def chart_files() -> dict[str, dict[str, str]]:
    """Folders of the chart, and the names and texts of the YAML files in them."""
    return {
        "crds": rendered_files(),
        "files": {"rights.yaml": render(rights_table(), _HEADER), "types.yaml": render(types_table(), _HEADER)},
    }


def rights_table() -> dict[str, Any]:
    """The rules that the chart's roles consist of; those on federated types as verbs, because types come and go."""
    return {
        "controller": {
            **{scope.value: controller.rules_everywhere(scope) for scope in Scope},
            "system": controller.rules_in_system_namespace(),
            "credentials": list(credentials.VERBS),
        },
        "types": {
            "controller": list(federated_types.CONTROLLER_VERBS),
            "status": list(federated_types.STATUS_VERBS),
            "editor": list(federated_types.EDITOR_VERBS),
            "editorBeside": federated_types.beside_types(federated_types.EDITOR_VERBS),
            "viewer": list(READ),
            "viewerBeside": federated_types.beside_types(READ),
        },
        "webhook": {
            "system": webhook.webhook_rules(),
            "configurations": webhook.configurer_rules("", Scope.CLUSTER),
        },
    }


def types_table() -> dict[str, Any]:
    """The FederatedTypeConfigs that an installation starts with: names and specs."""
    manifests = default_type_configs("")
    return {"types": [{"name": each["metadata"]["name"], "spec": each["spec"]} for each in manifests]}


def main() -> int:
    """The command; exits with 1 when --check finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m fedctl.chart.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a file is not up to date")
    parser.add_argument("--chart", type=Path, default=_CHART, help="where the chart is (default: in the sources)")
    arguments = parser.parse_args()
    stale = []
    for folder, files in chart_files().items():
        if arguments.check:
            stale += [f"{folder}/{name}" for name in stale_files(arguments.chart / folder, files)]
        else:
            write_files(arguments.chart / folder, files)
    for name in stale:
        sys.stdout.write(f"not up to date in the chart: {name}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
