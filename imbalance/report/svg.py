"""Figures inside a page: SVG that follows the page's colours, and needs no `style` attributes.

A strict content security policy forbids these, and they could not change with the reader's choice of light or
dark. So each style becomes a class, whose rules the page's own style sheet has.
"""

import io
import re
from dataclasses import dataclass, field

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

from imbalance.figures.drawing import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY

# The names that the page's style sheet gives to the colours of the figures.
COLORS = {
    BLACK: "ink",
    "#FFFFFF": "paper",
    GREY: "grey",
    ORANGE: "orange",
    SKY: "sky",
    GREEN: "green",
    BLUE: "blue",
    RED: "red",
    PURPLE: "purple",
}
UNUSED = re.compile(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)


@dataclass
class Styles:
    """The styles of all figures of a page, each with the name of its class."""

    names: dict[str, str] = field(default_factory=dict)

    def class_of(self, style: str) -> str:
        """Return the name of a style's class; equal styles share it."""
        return self.names.setdefault(_in_colors_of_the_page(style), f"s{len(self.names)}")

    def applied(self, svg: Markup) -> Markup:
        """Return a figure with classes in place of its styles, which it enters."""
        text = re.sub(r' style="([^"]*)"', lambda found: f' class="{self.class_of(found[1])}"', svg)
        return Markup(text)  # noqa: S704 (drawn here)

    def sheet(self) -> str:
        """Return the rules of all classes."""
        return "\n".join(f".{name} {{ {style} }}" for style, name in self.names.items())


def inlined(figure: Figure, name: str, kind: str, description: str) -> Markup:
    """Return a figure as an element of a page, whose styles `Styles.applied` makes classes of.

    It is the same bytes every time. `name` keeps its identifiers apart from those of other figures; `kind` is
    its class, and `description` is read aloud.
    """
    written = io.StringIO()
    with rc_context({"svg.hashsalt": f"{name}.{kind}", "svg.fonttype": "none"}):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    _, start, body = written.getvalue().partition("<svg")
    text = UNUSED.sub("", start + body)
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', text))
    text = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", text)
    width, height = (round(96 * side) for side in figure.get_size_inches())
    head = (
        f'<svg class="{kind}" role="img" aria-label="{Markup.escape(description)}" width="{width}" '
        f'height="{height}" viewBox="0 0 {72 * width / 96:g} {72 * height / 96:g}"'
    )
    return Markup(re.sub(r"<svg[^>]*", head, text, count=1))  # noqa: S704 (drawn here)


def _in_colors_of_the_page(style: str) -> str:
    for color, name in COLORS.items():
        style = re.sub(color, f"var(--{name})", style, flags=re.IGNORECASE)
    return style
