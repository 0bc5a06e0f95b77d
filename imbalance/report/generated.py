"""The parts of Markdown pages that commands write, each between two markers."""

from dataclasses import dataclass
from pathlib import Path

from imbalance.disk import replacing
from imbalance.errors import InputError


@dataclass(frozen=True)
class Part:
    """A part of a page: its name, and the command that writes it."""

    name: str
    command: str

    @property
    def begin(self) -> str:
        """The marker before the part."""
        return f"<!-- {self.name}: {self.command} -->"

    @property
    def end(self) -> str:
        """The marker after the part."""
        return f"<!-- end of {self.name} -->"

    def around(self, text: str) -> str:
        """Return a text between the markers."""
        return f"{self.begin}\n\n{text}\n{self.end}"

    def within(self, page: Path) -> str | None:
        """Return the text between the markers of a page, or None if the page has neither.

        Raises `InputError` if it has only one, or the end before the beginning.
        """
        text = page.read_text(encoding="utf-8")
        if self.begin not in text and self.end not in text:
            return None
        return self._split(page)[1].removeprefix("\n\n").removesuffix("\n")

    def write(self, page: Path, text: str) -> None:
        """Replace the text between the markers of a page; raises `InputError` if one of them is missing."""
        before, _, after = self._split(page)
        with replacing(page) as part:
            part.write_text(f"{before}{self.around(text)}{after}", encoding="utf-8")

    def _split(self, page: Path) -> tuple[str, str, str]:
        """Return the text of a page before, in and after the part."""
        before, begin, rest = page.read_text(encoding="utf-8").partition(self.begin)
        inside, end, after = rest.partition(self.end)
        if not end:
            missing = self.end if begin else self.begin
            raise InputError(
                f"{page}: the line `{missing}` of `{self.command}` is missing; take it back from Git."
            )
        return before, inside, after


RESULTS, ANSWER, FINDINGS, CLAIMS = (
    Part(name, "make pages") for name in ("results", "answer", "findings", "claims")
)
CHECKED = Part("checked", "make recheck")
