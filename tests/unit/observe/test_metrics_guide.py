"""The guide to metrics names every metric of the process, and no other; alerts speak of nothing that is not there."""

import re
from pathlib import Path

from kubefed.observe.metrics import Metrics

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "metrics.md").read_text(encoding="utf-8")
WORD = re.compile(r"`(\w+)`")


def names() -> set[str]:
    """Every metric as it is scraped."""
    families = Metrics().registry.collect()
    return {f"{each.name}_total" if each.type == "counter" else each.name for each in families}


def test_every_metric_is_in_a_table_and_every_name_in_a_table_is_a_metric() -> None:
    tables, _, _ = GUIDE.partition("## Alerts")
    rows = re.findall(r"^\| (`[^|]+`) \|", tables, re.MULTILINE)
    assert {name for row in rows for name in WORD.findall(row)} == names()


def test_alerts_are_about_metrics_that_there_are() -> None:
    _, _, alerts = GUIDE.partition("## Alerts")
    expressions = re.findall(r"^\| [^|]+ \| `([^|]+)` \|", alerts, re.MULTILINE)
    assert len(expressions) > 5
    for expression in expressions:
        assert names() & set(re.findall(r"\w+", expression)), expression
