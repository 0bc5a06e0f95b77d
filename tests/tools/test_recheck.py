"""`make recheck`, by the real DVC, on a tiny study: edits that keep its results, and edits that do not."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from imbalance.config import load_study
from imbalance.errors import InputError
from imbalance.report.generated import CHECKED
from tests.repository import commit, copy_of_working_tree, dvc_in
from tools import recording, renewing, smoke
from tools.comparing import Row
from tools.recheck import Committed, Options, committed_studies, parse, renew
from tools.sampling import cells_of

METHODS = {
    "baseline": {"method": "baseline", "start": "initial"},
    "two_phase": {"method": "two_phase", "start": "baseline", "lr_factor": 0.1},
}
CELLS = {
    *("train@10-0.5-baseline", "train_from_baseline@10-0.5-two_phase"),
    *("train_extreme@rho=20,mu=0.5-baseline", "train_from_baseline_extreme@rho=20,mu=0.5-two_phase"),
}
EVALUATIONS = ["evaluate@10-0.5", "evaluate_extreme@rho=20,mu=0.5"]
TARGETS = [f"studies/tiny/dvc.yaml:{stage}" for stage in (*sorted(CELLS), *EVALUATIONS)]
LOOP, NETWORK = "imbalance/training/loop.py", "imbalance/networks/lenet5.py"


# What the harmless edits change of what stages depend on.
CHANGED = (
    *("data/code/train/", "data/code/initialize", "data/code/evaluate"),
    "models/initial",  # whose files name the code that drew them
    *("../../imbalance", "../../stages"),
)


def write_study(folder: Path) -> None:
    """Put a study of digits, `tiny`, in place of all others."""
    params = yaml.safe_load((folder / "params.yaml").read_text())
    tiny = dict(dataset="digits", rho=[10], mu=[0.5], n_max=100, replicates=2, budget=0.01)
    scales = {"smoke": {"budget": 0.005, "replicates": 1}}
    study = {"beside": {"extreme": {"conditions": ["rho=20,mu=0.5"]}}, "scales": scales}
    shutil.rmtree(folder / "studies")
    (folder / "studies/tiny").mkdir(parents=True)
    text = yaml.safe_dump(params | tiny | {"methods": METHODS, "study": study})
    (folder / "studies/tiny/params.yaml").write_text(text)
    assert program(folder, "tools.studies").returncode == 0


def program(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of a repository with that repository's code."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=os.environ | {"LOKY_MAX_CPU_COUNT": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.rstrip()


def edit(folder: Path, file: str, *replacements: tuple[str, str]) -> None:
    """Replace texts in a file, and commit it."""
    text = (folder / file).read_text()
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    (folder / file).write_text(text)
    commit(folder, "edit")


def recheck(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    temporary = folder.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    return program(folder, "tools.recheck", *words, TMPDIR=str(temporary))


def kept(folder: Path) -> list[Path]:
    """The runs that a recheck has left."""
    return list((folder.parent / "temporary").glob("recheck-*"))


def drawn(done: subprocess.CompletedProcess[str], study: str = "tiny") -> list[str]:
    """The cells that a recheck says it trains again."""
    (cells,) = re.findall(
        rf"^studies/{study}: re-training \d+ of 4 cells: (.*)\.$", done.stdout, re.MULTILINE
    )
    return cells.split(", ")


def trained(done: subprocess.CompletedProcess[str], study: str = "tiny") -> set[str]:
    """The trainings of a study that DVC has run."""
    return set(re.findall(rf"^Running stage 'studies/{study}/dvc.yaml:(train.*)'", done.stdout, re.MULTILINE))


def outdated(folder: Path, revision: str) -> set[str]:
    """The cells whose code is not that of their lock at a commit, in a clone that has no data.

    DVC sees that only by the files of the stage `code`; it says of data that they are missing.
    """
    git(folder, "checkout", "--quiet", "--force", revision)
    dvc = dvc_in(folder)
    dvc("repro", "studies/tiny/dvc.yaml:code")
    git(folder, "checkout", "--quiet", "--force", revision)
    changed = json.loads(dvc("status", "--json", *TARGETS).stdout)
    return {stage for stage, changes in changed.items() if "modified" in str(changes)}


def locked(folder: Path, study: str = "tiny") -> dict[str, dict]:
    return yaml.safe_load((folder / f"studies/{study}/dvc.lock").read_text())["stages"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the committed lock of the tiny study, and of one like it whose lock is doctored."""
    folder = tmp_path_factory.mktemp("published") / "repository"
    folder.mkdir()
    copy_of_working_tree(folder)
    write_study(folder)
    dvc_in(folder)("repro", *TARGETS)
    doctored = folder / "studies/doctored"
    doctored.mkdir()
    for name in ("params.yaml", "dvc.yaml", "dvc.lock"):
        shutil.copy2(folder / "studies/tiny" / name, doctored)
    without_scales = yaml.safe_load((doctored / "params.yaml").read_text())
    del without_scales["study"]["scales"]
    (doctored / "params.yaml").write_text(yaml.safe_dump(without_scales))
    lock = doctored / "dvc.lock"
    for cell in CELLS:
        hashes = {out["path"].partition("/")[0]: out["md5"] for out in locked(folder)[cell]["outs"]}
        lock.write_text(lock.read_text().replace(hashes["data"], f"{'0' * 32}.dir"))
    commit(folder, "results")
    return folder


@pytest.fixture
def repository(published: Path, tmp_path: Path) -> Path:
    """A clone of the published repository, without data and networks."""
    folder = tmp_path / "repository"
    git(tmp_path, "clone", "-q", str(published), str(folder))
    return folder


@pytest.mark.long
def test_a_harmless_edit_renews_the_lock_unless_it_is_doctored(repository: Path, tmp_path: Path) -> None:
    results = git(repository, "rev-parse", "HEAD")
    edit(repository, NETWORK, ("pooled", "sides"))
    edit(repository, "stages/evaluate.py", ("folder", "place"))
    edit(
        repository, LOOP, ("points = curves.", "ends = curves."), ("iteration in points", "iteration in ends")
    )
    edited = git(repository, "rev-parse", "HEAD")
    before, doctored = (locked(repository, study) for study in ("tiny", "doctored"))
    done = recheck(repository, "--cells", "1")
    assert done.returncode == 1, done.stdout

    sample = drawn(done, "doctored")
    assert any("two_phase" in cell for cell in sample), "each method whose code has changed is in the sample"
    for cell in sample:
        row = rf"^{cell}: data/predictions/\S+ +00000000  \w{{8}}  different$"
        assert re.search(row, done.stdout, re.MULTILINE)
    assert locked(repository, "doctored") == doctored
    assert not (repository / "studies/doctored/README.md").exists()
    (run,) = kept(repository)
    assert (run / "clone/studies/doctored/dvc.lock").is_file()
    assert done.stdout.splitlines()[-1].startswith(
        "error: studies/doctored: results are not as committed, and dvc.lock stays as it is; the run is kept "
        f"in {run}."
    )

    sample = drawn(done)
    assert re.search(r"^studies/tiny: re-trained in \d+ s\.$", done.stdout, re.MULTILINE)
    assert re.search(r"^(\d+) of \1 artifacts are identical\.$", done.stdout, re.MULTILINE)
    assert len(sample) == 1, "all methods are trained at the scale smoke"
    both = f"{results[:10]} and {edited[:10]}"
    assert f"studies/tiny: the code has changed; running the scale smoke by {both}.\n" in done.stdout
    (count,) = re.findall(
        rf"^studies/tiny: (\d+) of \1 artifacts are the same by {both}\.$", done.stdout, re.M
    )
    assert int(count) > 20
    after = locked(repository)
    assert list(after) == list(before)
    for stage, entry in after.items():
        assert entry["outs"] == before[stage]["outs"] or stage in {"code", "initialize"}
        for new, old in zip(entry["deps"], before[stage]["deps"], strict=True):
            is_code = new["path"].startswith(CHANGED)
            assert (new["md5"] != old["md5"]) == is_code, (stage, new)
        assert {**entry, "deps": [], "outs": []} == {**before[stage], "deps": [], "outs": []}

    text = " ".join((repository / "studies/tiny/README.md").read_text().split())
    assert text.startswith("# tiny <!-- checked: make recheck --> All 4 cells were trained and committed at")
    assert f"{results[:10]}. Last sampled at {edited[:10]}: `train" in text
    assert all(f"`{cell}`" in text for cell in sample)
    assert (
        f"The evaluations were not run again: at {edited[:10]} their code had changed, and gave the" in text
    )

    commit(repository, "rechecked")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(repository), str(clone))
    assert outdated(clone, edited) == set(TARGETS)
    assert outdated(clone, "origin/HEAD") == set()
    done = dvc_in(clone)("repro", "--dry", "--allow-missing", *TARGETS)
    assert "Running stage" not in done.stdout


def test_cells_and_evaluations_that_are_alike_get_the_hash_of_their_code_and_no_other_stage(
    tmp_path: Path,
) -> None:
    text = Path("studies/mnist_ratio/dvc.lock").read_text()
    (tmp_path / "dvc.lock").write_text(text)
    before = renewing.parse(text, "dvc.lock")
    code = {
        dep["path"]: renewing.Hash("0" * 32, 1)
        for entry in before["stages"].values()
        for dep in entry["deps"]
        if dep["path"].startswith("data/code/")
    }
    stages = set(before["stages"])
    committed = Committed(
        tmp_path, load_study(Path("studies/mnist_ratio/params.yaml")), before, cells_of(before, stages)
    )
    alike = {"evaluate@1000-0.1", "train@1000-0.1-baseline", "collect", "draw"}
    renew(committed, {"stages": {"code": before["stages"]["code"]}}, code, [], alike)
    after = yaml.safe_load((tmp_path / "dvc.lock").read_text())["stages"]
    changed = {stage for stage in stages if after[stage] != before["stages"][stage]}
    assert changed == {"evaluate@1000-0.1", "train@1000-0.1-baseline"}


@pytest.mark.parametrize(
    ("differing", "expected"),
    [
        ([], {"train@a", "evaluate@a"}),
        (["evaluate@a: plots/tables/a"], {"train@a"}),
        (["evaluate@a: plots/tables/a", "train@a: data/predictions/a"], None),
    ],
)
def test_where_evaluations_alone_differ_trainings_are_renewed_and_they_are_not(
    differing: list[str], expected: set[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runs themselves are those of the long tests."""
    monkeypatch.setattr(smoke, "git", lambda *words: words[-1])  # another commit for the lock than for all
    rows = [Row(name, "0", "1", "different", fails=True) for name in differing]
    monkeypatch.setattr(smoke, "clones", lambda *_: [Path("old"), Path("new")])
    monkeypatch.setattr(
        smoke, "compare_runs", lambda *_: [*rows, Row("subset: x", "0", "0", "identical", fails=False)]
    )
    monkeypatch.setattr(smoke, "with_code_of", lambda root, study, lock, stale: stale)
    found = smoke.same_bytes(Path(), Path("studies/mnist_step"), Path(), {}, {"train@a", "evaluate@a"})
    assert found == expected


def test_of_a_lock_in_the_commit_itself_no_earlier_code_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "git", lambda *words: "the same")
    assert smoke.same_bytes(Path(), Path("studies/tiny"), Path(), {}, {"train@a"}) == set()


@pytest.mark.long
def test_an_edit_that_changes_results_is_found_and_dry_writes_nothing(repository: Path) -> None:
    edit(repository, LOOP, ("method.lr_factor * recipe", "1.01 * method.lr_factor * recipe"))
    (repository / NETWORK).write_text("is not committed, and not checked")
    done = recheck(repository, "tiny", "--cells", "1", "--small", "--dry")
    assert done.returncode == 1, done.stdout
    (cell,) = drawn(done)
    assert trained(done) == {cell}
    assert cell.endswith("-baseline"), "the other method takes two trainings"
    assert re.search(rf"^{cell}: data/predictions/\S+  \w{{8}}  \w{{8}}  different$", done.stdout, re.M)
    assert "models/" not in done.stdout.rpartition("artifact ")[2].partition("error: ")[0]
    assert "error: studies/tiny: results are not as committed" in done.stdout
    assert git(repository, "status", "--porcelain") == f" M {NETWORK}"


@pytest.mark.slow
def test_an_edit_that_concerns_a_method_that_is_not_drawn_is_found_at_the_scale_smoke(
    repository: Path,
) -> None:
    """The edit changes two-phase training alone, and the cheapest cell is one of the baseline."""
    edit(repository, LOOP, ("method.lr_factor * recipe", "method.lr_factor ** 1.1 * recipe"))
    before = locked(repository)
    done = recheck(repository, "tiny", "--cells", "1", "--small")
    assert done.returncode == 1, done.stdout
    assert re.search(
        r"^train_from_baseline@10-0\.5-two_phase: data/predictions/.*  different$", done.stdout, re.M
    )
    assert not re.search(r"^train@10-0\.5-baseline: .* different$", done.stdout, re.M)
    assert "re-training" not in done.stdout
    assert locked(repository) == before


@pytest.mark.slow
def test_with_the_same_code_the_drawn_cell_is_trained_and_recorded(repository: Path) -> None:
    (repository / "studies/tiny/README.md").write_text("# A study\n\nIts findings.\n")
    done = recheck(repository, "tiny", "--cells", "1", "--small")
    assert done.returncode == 0, done.stdout
    assert not kept(repository)
    (cell,) = drawn(done)
    readme = repository / "studies/tiny/README.md"
    assert readme.read_text().startswith(f"# A study\n\nIts findings.\n\n{CHECKED.begin}\n")
    record = recording.read(readme)
    assert record
    assert record.sampled == (cell,)
    assert git(repository, "status", "--porcelain") == "?? studies/tiny/README.md"
    commit(repository, "rechecked")
    again = recheck(repository, "tiny", "--cells", "4")
    assert again.returncode == 0, again.stdout
    record_again = recording.read(readme)
    assert record_again == record.model_copy(update={"sampled": tuple(sorted(CELLS))})


@pytest.mark.long
def test_what_cannot_be_checked_is_refused_before_anything_is_trained(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (repository / "studies/tiny/params.yaml").open("a") as file:
        file.write("# a comment\n")
    assert recheck(repository).stdout == (
        "error: studies/tiny/params.yaml has uncommitted changes, and only the commit is checked; commit them "
        "first, or use --dry, which writes nothing.\n"
    )
    edit(repository, "studies/tiny/params.yaml", ("reproducible: true", "reproducible: false"))
    assert recheck(repository, "tiny").stdout.splitlines()[1:] == [
        "error: studies/tiny cannot be rechecked here, as the same bytes are not promised: "
        "studies/tiny/params.yaml says `reproducible: false`. Recheck it where they are, or leave it out."
    ]
    assert not kept(repository)
    monkeypatch.chdir(repository)
    with pytest.raises(InputError, match=r"no study 'tini' has a dvc\.lock .*; did you mean 'tiny'"):
        committed_studies("HEAD", ["tini"])
    assert committed_studies("HEAD", []) == [Path("studies/doctored"), Path("studies/tiny")]


def test_without_a_study_there_is_nothing_to_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    Path("studies").mkdir()
    Path("studies/README.md").touch()
    commit(tmp_path, "no study")
    with pytest.raises(InputError, match=r"no study has a dvc\.lock in the last commit"):
        committed_studies("HEAD", [])


def test_the_command_line() -> None:
    assert parse([]) == (Options(draw=None, cells=2, small=False, dry=False), [])
    assert parse(["--draw", "3", "--cells", "1", "--small", "--dry", "studies/a", "b"]) == (
        Options(3, 1, True, True),
        ["a", "b"],
    )
    with pytest.raises(InputError, match="--cells = 0: at least one"):
        parse(["--cells", "0"])
    with pytest.raises(InputError, match="--draw = 0: at least one"):
        parse(["--draw", "0"])
