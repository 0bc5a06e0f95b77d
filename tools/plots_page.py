"""Let the pages of `dvc plots show` and `dvc plots diff` open without a network; `make` calls it.

DVC's own page loads Vega, Vega-Lite and Vega-Embed from the internet; this one has them inside. It lies
beside the templates of the plots, and DVC's local configuration names it. Neither is in Git.
"""

import os
import subprocess
import sys
from pathlib import Path

import vl_convert

from imbalance.disk import replacing
from stages import run

PAGE = Path(".dvc/plots/page.html")
VEGA_LITE = "6.4"
# DVC replaces the words in braces.
TEMPLATE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
{refresh_tag}
<title>Plots</title>
<style>
body { margin: 2rem; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; }
body > div { margin-bottom: 2.5rem; overflow-x: auto; }
table { border-spacing: 15px; }
img { max-width: 100%; }
</style>
<script>(function () { VEGA })();</script>
<script>
const embed = window.vegaEmbed;
window.vegaEmbed = (place, { $schema, ...plot }) => {
  // Of a table that is not there yet, DVC hands on an empty plot.
  if (!plot.data) return document.querySelector(place).remove();
  return embed(place, plot, { mode: "vega-lite", logLevel: 1 });
};
</script>
</head>
<body>
{plot_divs}
</body>
</html>
"""


def page(vega: str) -> str:
    """Return the page with Vega's code inside, in a function, since it declares hundreds of short names."""
    return TEMPLATE.replace("VEGA", vega.replace("</script", r"<\/script"))


def main() -> None:
    """Write the page, and name it in .dvc/config.local."""
    with replacing(PAGE) as part:
        part.write_text(page(vl_convert.javascript_bundle(vl_version=VEGA_LITE)), encoding="utf-8")  # type: ignore[call-arg]  # its stub asks for what has a default
    template = os.path.relpath(PAGE, ".dvc")
    dvc = (sys.executable, "-m", "dvc", "config", "--quiet", "--local", "plots.html_template", template)
    subprocess.run(dvc, check=True)
    print(f"`dvc plots` needs no network: its page is {PAGE}.")


if __name__ == "__main__":
    run(main)
