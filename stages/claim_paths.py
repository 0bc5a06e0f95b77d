"""The paths of the claims' pipeline, in studies/claims.

`STUDIES` holds a link to each study. DVC takes what lies behind a link for a file of the user's: to judge
claims it reads the committed tables of the studies, and never runs a study.
"""

from pathlib import Path

CLAIMS = Path(".")  # <source>.yaml, margins.yaml
STUDIES = Path("links")  # <study>/
TABLES = Path("data/studies")  # <study>.csv
LEDGER = Path("plots/claims.csv")
CASES = Path("plots/cases.csv")
COUNTS = Path("metrics/claims.json")
