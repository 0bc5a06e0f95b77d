"""The results table of README.md, made from the committed tables, so that the two cannot drift apart.

python -m imbalance.report        writes it between the README's markers
"""

from pathlib import Path

import pandas as pd

BEGIN, END = "<!-- results: make readme -->\n", "<!-- end of results -->"
README, TABLES = Path("README.md"), Path("plots/tables")


def results_table(summary: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """A Markdown table of each method and rule: measures in %, mean ± 95 % half-width, and differences."""
    measures = summary.set_index(["measure", "method", "rule"])
    against = comparisons.set_index(["measure", "method", "rule"])
    lines = [
        "| method | decision rule | ROC AUC | accuracy | minority recall | over baseline | p (Holm) |",
        "|---|---|---|---|---|---|---|",
    ]
    for method, rule in summary.loc[summary["measure"] == "accuracy", ["method", "rule"]].itertuples(
        index=False
    ):
        cells = [_percent(measures, key) for key in (("auc", method, "any"), ("accuracy", method, rule))]
        cells.append(_percent(measures, ("minority_recall", method, rule)))
        if ("accuracy", method, rule) in against.index:
            row = against.loc[("accuracy", method, rule)]
            cells += [
                f"{100 * row.difference:+.1f} ({100 * row.low:+.1f} to {100 * row.high:+.1f})",
                f"{row.p_holm:.2g}",
            ]
        else:
            cells += ["", ""]
        lines.append(f"| {' | '.join([method.replace('_', ' '), rule, *cells])} |")
    return "\n".join(lines) + "\n"


def with_results(readme: str, table: str) -> str:
    """The README's text with `table` between its markers."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def current_table() -> str:
    """The results table of the last run."""
    return results_table(pd.read_csv(TABLES / "summary.csv"), pd.read_csv(TABLES / "comparisons.csv"))


def _percent(measures: pd.DataFrame, key: tuple[str, str, str]) -> str:
    """Mean ± half-width of the interval in %, or nothing where the run has no such measure."""
    if key not in measures.index:
        return ""
    row = measures.loc[key]
    return f"{100 * row['mean']:.2f}" + (
        f" ± {100 * (row['high'] - row['mean']):.2f}" if row["n"] > 1 else ""
    )


if __name__ == "__main__":
    README.write_text(with_results(README.read_text(encoding="utf-8"), current_table()), encoding="utf-8")
