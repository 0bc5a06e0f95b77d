"""The columns of the ledger: `claims.csv` has a row for each claim, `cases.csv` one for each of its cases.

A claim is a conclusion of a source as a test that can be run. It has one part or several (all must hold, or
one), and a part is judged at several cases: at each condition of the studies that it needs, or at each value
of a parameter where slopes are meant, for each contrast between two methods. Effects are positive where they
speak for the claim, in `unit`: "pt" (points of a measure in %), or "pt per ..." for slopes.

verdict         held | contradicted | does not transfer | not held | not enough data | no study | no method |
                no measure; what each means is in studies/claims/README.md
starred         whether the verdict remains after Holm's correction over the claims of its source
scope           exact | scaled | analogue | published; "" without a verdict on data
p, p_holm       two-sided, of the verdict itself; NaN without data
effect          with its 95 % interval (low, high): the first part's, over all of its cases, within replicates
power           the probability to see the smallest effect that counts, or of showing equality if there is one
"""

TEXTS = (
    "id source place kind statement test quantifier verdict size reason unit studies missing scope anchor "
    "with_stuck cautions published hash file_hash"
)
NUMBERS = "effect low high p p_holm power tau prediction_low prediction_high"
COUNTS = "n cases holding contradicting stuck"

# The order of the columns of claims.csv.
LEDGER = (
    "id source place kind statement test quantifier verdict starred size reason effect low high unit n p p_holm "
    "power cases holding contradicting tau prediction_low prediction_high studies missing scope anchor stuck "
    "with_stuck cautions published hash file_hash"
).split()
# And of cases.csv: `part` counts a claim's parts from 1; `anchor` marks cases at the full schedule, which
# confirm or refuse a verdict at a shorter one.
CASES = (
    "id part study condition contrast measure kind margin n effect low high unit p p_exact power verdict anchor"
).split()
