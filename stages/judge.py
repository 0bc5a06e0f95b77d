"""Stage `judge` of the claims: the ledger of verdicts, all cases behind it, and the numbers of each."""

import json

from imbalance.data.tables import write
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.studies.claims import ledger, reading
from imbalance.studies.claims.cells import Study, load
from stages import run
from stages.claim_paths import CASES, CLAIMS, COUNTS, LEDGER, STUDIES, TABLES


def main() -> None:
    """<source>.yaml, margins.yaml, data/studies/<study>.csv -> plots/, metrics/claims.json."""
    sources, margins = reading.sources(CLAIMS), reading.margins(CLAIMS)
    hashes = {name: reading.file_hash(CLAIMS / f"{name}.yaml") for name in sources}
    studies = tables()
    table, cases = ledger.ledger(sources, hashes, studies, margins)
    write(table, LEDGER)
    write(cases, CASES)
    counts = ledger.counts(table)
    with replacing(COUNTS) as part:
        part.write_text(f"{json.dumps(counts, indent=2, sort_keys=True)}\n", encoding="utf-8")
    found = ", ".join(f"{number} {name}" for name, number in counts["all"].items() if name != "claims")
    print(f"{len(table)} claims: {found}. {LEDGER}, {CASES}")


def tables() -> dict[str, Study]:
    """Read the gathered tables of all studies; raises `InputError` if one is missing.

    `dvc repro --allow-missing` runs this stage without those that are not in its cache.
    """
    names = sorted(link.name for link in STUDIES.iterdir())
    if missing := [name for name in names if not (TABLES / f"{name}.csv").is_file()]:
        raise InputError(
            f"{TABLES} has no table of {', '.join(missing)}, without which the others alone would judge; run "
            "`dvc repro studies/claims/dvc.yaml`, without --allow-missing."
        )
    return {name: load(name, TABLES / f"{name}.csv") for name in names}


if __name__ == "__main__":
    run(main)
