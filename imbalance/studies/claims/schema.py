"""A claim as data: what a source concludes, and the test that decides it (studies/claims/<source>.yaml)."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from imbalance.strict import Strict
from imbalance.studies.claims.evidence import Quantifier

Text = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Text, ...], Field(min_length=1)]
Kind = Literal["sup", "inf", "ni", "eq", "best", "trend", "linear", "num"]
Value = float | Text
BALANCED = "balanced"  # the baseline on the balanced training set


class Column(Strict):
    """A method under a decision rule: "oversampling", or with the rule `prior` "T(oversampling)".

    "balanced" is the baseline on the balanced training set. A `study` is named where it is not that of the
    part, and `at` gives the values of parameters where the other columns have others.
    """

    method: Text
    rule: Literal["argmax", "prior"] = "argmax"
    study: Text | None = None
    at: dict[str, Value] = Field(default_factory=dict)

    def __str__(self) -> str:
        name = f"T({self.method})" if self.rule == "prior" else self.method
        where = [f"in {self.study}"] if self.study else []
        where += [f"at {key} = {value}" for key, value in self.at.items()]
        return " ".join([name, *where])


class Several(Strict):
    """The highest or the lowest of several columns in each replicate, or one `chosen` of them.

    The best is chosen by the odd replicates at each condition, and then tested on the even ones: chosen on
    those that are tested, it would look too good.
    """

    which: Literal["highest", "lowest", "chosen"]
    of: Annotated[tuple[Column, ...], Field(min_length=2)]

    def __str__(self) -> str:
        words = {"highest": "the higher of", "lowest": "the lower of", "chosen": "the one chosen of"}
        return f"{words[self.which]} {', '.join(map(str, self.of))}"


def _term(value: Any) -> Any:
    """Return what a term is written short for: T(x), or {chosen: [x, y]}."""
    if isinstance(value, str):
        inside = value.removeprefix("T(").removesuffix(")")
        is_prior = value.startswith("T(") and value.endswith(")")
        return Column(method=inside, rule="prior") if is_prior else Column(method=value)
    if isinstance(value, dict) and len(value) == 1:
        ((which, of),) = value.items()
        if which in ("highest", "lowest", "chosen") and isinstance(of, list | tuple):
            return Several(which=which, of=tuple(map(_term, of)))
    return value


def _listed(value: Any) -> Any:
    """Return one value as a list of it."""
    return tuple(value) if isinstance(value, list) else value if isinstance(value, tuple) else (value,)


# In percentage points, or one of the two sizes that are fixed for each measure: what counts, what is notable.
Margin = Literal["counts", "notable"] | Annotated[float, Field(ge=0)]
Term = Annotated[Column | Several | float, BeforeValidator(_term)]
Terms = Annotated[tuple[Term, ...], BeforeValidator(_listed), Field(min_length=1)]
Measures = Annotated[Names, BeforeValidator(_listed)]


class Range(Strict):
    """The values of a parameter between two limits."""

    at_least: float | None = None
    at_most: float | None = None


class Against(Strict):
    """Another study, at so many `times` the conditions' values of a parameter, such as {rho: 100}.

    Values between those that it has are interpolated along the logarithm; beyond them there are none. So the
    factor that gives the same effect is tested without inverting a curve: where effects grow with the
    parameter, it is above `times` if the effect here is above the one there.
    """

    study: Text
    times: Annotated[dict[Text, Annotated[float, Field(gt=0)]], Field(min_length=1, max_length=1)]

    def __str__(self) -> str:
        ((name, factor),) = self.times.items()
        return f"{self.study} at {factor:g} times the {name}"


class Given(Strict):
    """Only the conditions at which `better` is above `than`; with `either`, below it too, and then reversed.

    Whether it is, the odd replicates decide, and the even ones are tested.
    """

    better: Term
    than: Term
    either: bool = False


class Test(Strict):
    """A test of the difference a - b at a case: its measure, its kind, and the margin."""

    kind: Kind
    measure: Measures
    a: Term = 0.0
    b: Terms = (0.0,)
    margin: Margin | None = None

    @model_validator(mode="after")
    def _compares_something(self) -> Self:
        numbers = [isinstance(term, float | int) for term in (self.a, *self.b)]
        if all(numbers) and not getattr(self, "levels", None):
            raise ValueError(f"kind {self.kind}: name the method as a, and what it is compared with as b")
        if self.kind == "best" and numbers[1]:
            raise ValueError("kind best: list the rivals as b")
        if self.kind == "num" and not all(numbers[1:]):
            raise ValueError("kind num: b is the published value, a number")
        return self


class Part(Test):
    """A part of a claim: a test, the cases at which it is made, and how many of them must hold.

    sup     a is above b (by more than `margin`, if one is given)
    inf     a is below b
    ni      a is not below b by `margin` (notable)
    eq      a differs from b by less than `margin` (counts)
    best    a is not below any b by `margin` (counts), at each condition
    trend   a - b rises or falls with the parameter `over`, or over `levels`, the values of several methods
    linear  a - b is nearer to a straight line over `over` than over its logarithm
    num     a is the published value b, of so many `runs`, within `margin` (notable)

    Several b, or several measures, are a case each. `pairs` compares a at each two values of a parameter.
    `against` compares a - b with what it is in another study, whose replicates need not be paired (sup: it is
    more here; inf: less), at the same values of parameters, or at so many times one of them. `also` are
    tests that must hold at the same case; those without a and b have those of the part.
    """

    studies: Annotated[tuple[Text, ...], BeforeValidator(_listed)] = ()
    quantifier: Quantifier = "all"
    where: dict[str, Value | Annotated[tuple[Value, ...], BeforeValidator(_listed)] | Range] = Field(
        default_factory=dict
    )
    over: Text | None = None
    scale: Literal["log", "plain"] = "plain"
    expect: Literal["rises", "falls"] = "rises"
    levels: dict[str, float] = Field(default_factory=dict)
    pairs: Text | None = None
    given: Given | None = None
    against: Text | Against | None = None
    also: tuple[Test, ...] = ()
    runs: Annotated[int, Field(ge=1)] = 1
    printed: dict[str, Annotated[tuple[float, ...], BeforeValidator(_listed)]] = Field(default_factory=dict)

    @property
    def other_study(self) -> str | None:
        """The study that `against` names."""
        return self.against.study if isinstance(self.against, Against) else self.against

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if bool(self.studies) == bool(self.printed):
            raise ValueError("name the `studies` that decide it, or give the `printed` values; one of them")
        if self.kind in ("trend", "linear") and not (self.over or self.levels):
            raise ValueError(f"kind {self.kind}: say over which parameter, such as `over: rho`")
        if self.over and self.kind not in ("trend", "linear"):
            raise ValueError(f"kind {self.kind} has no `over`; a trend has")
        if self.quantifier == "pool" and (self.kind == "best" or self.also or self.given):
            raise ValueError("`pool` averages one difference over conditions; it has no best, also or given")
        if self.against and (self.over or self.levels or self.pairs or self.kind == "best"):
            raise ValueError("`against` compares a difference at each condition; it has no over and no pairs")
        return self


class Untested(Strict):
    """Why no test is written: there is no such method, measure or study, and why."""

    verdict: Literal["no study", "no method", "no measure"]
    reason: Text


class Claim(Strict):
    """What a source concludes at a place, in our own words, and the parts of the test that decides it.

    `combine` says whether all parts must hold, or one. `left_out` is what the test leaves out. `setting` are
    the data sets and networks that the source used, if not those of all claims of its file.
    """

    id: Text
    place: Text
    statement: Text
    parts: tuple[Part, ...] = ()
    untested: Untested | None = None
    combine: Literal["all", "one"] = "all"
    left_out: Text | None = None
    setting: dict[str, str] | None = None
    published: Text | None = None
    cautions: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _has_a_test_or_a_reason(self) -> Self:
        if bool(self.parts) == (self.untested is not None):
            raise ValueError("give the `parts` of a test, or why it is `untested`; one of them")
        return self


class Source(Strict):
    """The claims of a source, and its `setting`: the network that it trains on each data set."""

    source: Text
    citation: Text
    setting: dict[str, str] = Field(default_factory=dict)
    claims: tuple[Claim, ...]

    @model_validator(mode="after")
    def _names_each_claim_once(self) -> Self:
        names = [claim.id for claim in self.claims]
        if not names:
            raise ValueError("there are no claims; list at least one")
        if repeated := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two claims are called {repeated}; give one another name")
        return self
