"""The lines of a figure as a LaTeX table (of the package booktabs)."""

import pandas as pd


def table(lines: pd.DataFrame, x: str) -> str:
    r"""Return the lines over `x` as a LaTeX table, in %: mean \pm half-width of the 95 % interval.

    There is a row for each panel and value of `x`, and a column for each line and decision rule.
    """
    mean, half = 100 * lines["mean"], 50 * (lines["high"] - lines["low"])
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
    written = {"ρ": r"$\rho$", "μ": r"$\mu$", "_": r"\_", "%": r"\%"}
    out = wide.reset_index().rename(
        columns={"beside": "", "panel": "", x: x.replace("rho", "ρ").replace("mu", "μ")}
    )
    text = out.to_latex(index=False, column_format="ll" + "r" * (len(out.columns) - 2))
    for symbol, command in written.items():
        text = text.replace(symbol, command)
    return text
