"""The tables behind a study's figures in LaTeX (of the package booktabs)."""

import numpy as np
import pandas as pd


def table(lines: pd.DataFrame, x: str) -> str:
    r"""Return the lines over `x` as a LaTeX table, in %: mean \pm half-width of the 95 % interval.

    Of an interval that is cut at the limit of a measure's range, it is that of the other side. There is a row
    for each panel and value of `x`, and a column for each line and decision rule.
    """
    mean = 100 * lines["mean"]
    half = np.maximum(100 * lines["high"] - mean, mean - 100 * lines["low"])
    exact = mean.map("${:.2f}".format) + half.map(r" \pm {:.2f}$".format)
    cells = lines.assign(cell=exact.where(half.notna(), mean.map("${:.2f}$".format)))
    cells[x] = cells[x].map("{:g}".format)
    where = ["panel", "beside", x]
    wide = cells.pivot_table(index=where, columns=["line", "rule"], values="cell", aggfunc="first").fillna("")
    in_order = cells[where].drop_duplicates()
    wide = wide.loc[
        pd.MultiIndex.from_frame(in_order), cells[["line", "rule"]].drop_duplicates().agg(tuple, axis=1)
    ]
    wide.columns = [", ".join(name for name in names if name != "any") for names in wide.columns]
    out = wide.reset_index().rename(
        columns={"beside": "", "panel": "", x: x.replace("rho", "ρ").replace("mu", "μ")}
    )
    text = out.to_latex(index=False, column_format="ll" + "r" * (len(out.columns) - 2))
    return _escaped(text)


def ranks(ranking: pd.DataFrame) -> str:
    """Return the methods by rank as a LaTeX table; means are in %."""
    out = ranking.assign(
        method=ranking["method"].str.replace("_", " "),
        mean=(100 * ranking["mean"]).map("${:.2f}$".format),
        rank=ranking["rank"].map("${:.1f}$".format),
    )
    out = out[["method", "mean", "rank", "better_than", "worse_than"]]
    out.columns = out.columns.str.replace("_", " ")
    return _escaped(out.to_latex(index=False, column_format="lrrrr"))


def spread(table: pd.DataFrame) -> str:
    """Return the standard deviations by source as a LaTeX table, in % points, with their 95 % intervals."""
    numbers = (100 * table[["std", "low", "high"]]).map("{:.2f}".format)
    cells = table.assign(
        cell="$" + numbers["std"] + "$ ($" + numbers["low"] + "$ to $" + numbers["high"] + "$)",
        of=table["measure"] + ", " + table["rule"].where(table["rule"] != "any", ""),
    )
    cells["of"] = cells["of"].str.removesuffix(", ")
    rows, columns = cells[["of", "method"]].drop_duplicates(), list(table["source"].unique())
    wide = cells.pivot_table(index=["of", "method"], columns="source", values="cell", aggfunc="first")
    out = wide.loc[pd.MultiIndex.from_frame(rows), columns].reset_index()
    out = out.rename(columns={"of": "", "method": ""})
    return _escaped(out.to_latex(index=False, column_format="ll" + "r" * len(columns)))


def _escaped(text: str) -> str:
    """Return a table's text with the symbols and letters that LaTeX writes otherwise."""
    for symbol, command in {"ρ": r"$\rho$", "μ": r"$\mu$", "_": r"\_", "%": r"\%"}.items():
        text = text.replace(symbol, command)
    return text
