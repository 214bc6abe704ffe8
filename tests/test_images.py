"""Image data: units, official files in good and bad condition, what the package carries, and the law of dead leaves."""
import contextlib
import gzip
import hashlib
import http.server
import io
import os
import re
import tarfile
import threading
import warnings
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dpm_ref.data.files as files_module
import dpm_ref.data.formats as formats
import dpm_ref.data.images as module
from dpm_ref.data.images import bark, batch, cifar10, crops, dead_leaves, dequantise, mnist, scaled, to_unit
from dpm_ref.data.leaves import leaves

OFFICIAL = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of official files, and a cache that is empty too."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("DPM_REF_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    return tmp_path / "data"


@pytest.fixture
def official(monkeypatch):
    if not OFFICIAL.is_dir():
        pytest.skip(f"no official files in {OFFICIAL}")
    monkeypatch.setenv("DPM_REF_DATA", str(OFFICIAL))


def idx(levels):
    return gzip.compress(bytes([0, 0, 8, levels.ndim]) + np.array(levels.shape, ">u4").tobytes() + levels.tobytes())


def write_mnist(folder, stem="t10k", shape=(12, 28, 28), labels=12):
    x = np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)
    (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(idx(x))
    labels = np.arange(labels) % 10 if np.ndim(labels) == 0 else labels
    (folder / f"{stem}-labels-idx1-ubyte.gz").write_bytes(idx(labels.astype(np.uint8)))
    return x


def cifar_batch(N, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(256, size=(N, 32, 32, 3), dtype=np.uint8)
    labels = rng.integers(10, size=N, dtype=np.uint8)
    return x, labels, np.hstack([labels[:, None], x.transpose(0, 3, 1, 2).reshape(N, -1)]).astype(np.uint8).tobytes()


def jpeg(shape=(480, 640), level=100):
    from PIL import Image
    stream = io.BytesIO()
    ramp = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 50 + level
    Image.fromarray(ramp.astype(np.uint8)).save(stream, "jpeg")
    return stream.getvalue()


def levels_of(images):
    return np.rint(images.x.astype(float) * images.std + images.mean).astype(np.uint8)


# ------------------------------------------------------------------ units

def test_noise_is_one_grey_level_and_completes_mean_0_and_variance_1():
    levels = np.random.default_rng(1).integers(3, 200, size=(50, 16, 16, 3), dtype=np.uint8)
    images = scaled(levels, "test")
    low, high = dequantise(images.x, images.std, np.float32(0)), dequantise(images.x, images.std, np.float32(1))
    np.testing.assert_allclose(high - low, 1 / images.std, rtol=1e-4)                      # exactly one level wide
    order = np.argsort(levels.ravel(), kind="stable")
    neighbours = np.diff(levels.ravel()[order]) == 1
    np.testing.assert_allclose(low.ravel()[order][1:][neighbours], high.ravel()[order][:-1][neighbours], atol=2e-6)  # no gap, no overlap
    m1 = (low.astype(float) + high).mean() / 2                                              # moments of the noise in closed form
    m2 = (low.astype(float)**2 + low.astype(float) * high + high.astype(float)**2).mean() / 3
    np.testing.assert_allclose([m1, m2], [0, 1], atol=1e-6)
    np.testing.assert_array_equal(np.rint(to_unit(images.x + 0.5 / images.std, images.mean, images.std) * 255), levels)
    assert images.x.dtype == np.float32 and high.dtype == np.float32


def test_holdout_is_scaled_by_the_pair_of_the_training_data():
    train, test = mnist("train", use="embedded"), mnist("test", use="embedded")
    same = mnist("test", scaling=train[1:3], use="embedded")
    assert same[1:3] == train[1:3] != test[1:3]
    np.testing.assert_array_equal(levels_of(same), levels_of(test))
    with pytest.raises(ValueError, match="must differ in grey level .* got 7 everywhere"):
        scaled(np.full((2, 4, 4, 1), 7, np.uint8), "flat")
    with pytest.raises(ValueError, match="std must be above 0, got 0"):
        scaled(np.full((2, 4, 4, 1), 7, np.uint8), "flat", scaling=(7, 0))


def test_a_batch_is_float32_seeded_and_its_crops_are_crops():
    images = bark("train", use="embedded")
    a, b = (batch(images, np.random.default_rng(5), 6, size=17) for _ in range(2))
    assert a.shape == (6, 17, 17, 1) and a.dtype == np.float32
    np.testing.assert_array_equal(a, b)
    places = np.arange(2 * 5 * 6).reshape(2, 5, 6, 1)
    cut = crops(places, 500, 2, np.random.default_rng(0))[..., 0]
    np.testing.assert_array_equal(cut - cut[:, :1, :1], np.broadcast_to([[0, 1], [6, 7]], (500, 2, 2)))
    assert len(np.unique(cut[:, 0, 0])) == 2 * 4 * 5                                        # every place is drawn
    assert batch(mnist("test", use="embedded"), np.random.default_rng(0), 3).shape == (3, 28, 28, 1)
    with pytest.raises(ValueError, match="size from 1 to 5, the smaller side of the images, got 6"):
        crops(places, 1, 6, np.random.default_rng(0))


# ------------------------------------------------------------------ what the package carries

@pytest.mark.parametrize("load, shapes, source", [
    (mnist, [(9000, 28, 28, 1), (500, 28, 28, 1)], ["9,000 embedded digits", "500 embedded digits"]),
    (bark, [(1, 512, 1024, 1)] * 2, ["photograph of willow bark"] * 2)])
def test_embedded_data_are_the_default_where_nothing_official_is_found(load, shapes, source, folder):
    with pytest.warns(UserWarning, match="not in the folder .* that DPM_REF_DATA names.*the package's own data are used"):
        found = [load("train"), load("test")]
    assert [images.x.shape for images in found] == shapes and [images.source for images in found] == source


def test_the_package_has_64_holdout_images_of_cifar10_and_says_where_training_images_go(folder):
    with pytest.warns(UserWarning, match="cifar-10-binary.tar.gz is not in the folder"):
        test = cifar10("test")
    assert test.x.shape == (64, 32, 32, 3) and test.source == "CIFAR-10 (JPEG copy), 64 images"
    assert cifar10("test", use="embedded").source == test.source
    for use in "best", "embedded", "official":
        with pytest.raises(FileNotFoundError, match="no CIFAR-10 images to train on: put cifar-10-binary.tar.gz into .*data, or call"):
            cifar10("train", use=use)


def test_the_images_of_cifar10_in_the_package_are_those_of_the_copy(official):
    if (OFFICIAL / "cifar-10-from-jpeg").is_dir():
        np.testing.assert_array_equal(levels_of(cifar10("test", use="embedded")), levels_of(cifar10("test"))[:64])


def test_embedded_digits_are_the_first_10000_of_mnist_in_three_disjoint_parts():
    parts = [mnist(split, use="embedded") for split in ("train", "validation", "test")]
    labels = np.concatenate([part.labels for part in parts])
    assert np.bincount(labels).tolist() == [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
    whole = np.concatenate([levels_of(part) for part in parts]).reshape(10000, -1)
    assert whole.max() == 255 and len(np.unique(whole, axis=0)) == 10000
    assert min(np.bincount(parts[1].labels)) > 25                                          # shuffled


def test_embedded_data_are_small_and_credited():
    files = list(module.EMBEDDED.iterdir())
    assert sum(os.path.getsize(file) for file in files) < 4e6
    credit = (module.EMBEDDED / "README.md").read_text()
    assert all(file.name in credit for file in files if file.name != "README.md")


# ------------------------------------------------------------------ official files

def test_idx_files_are_read_and_split(folder):
    x, y = write_mnist(folder), write_mnist(folder, "train", (30, 28, 28), 30)
    np.testing.assert_array_equal(levels_of(mnist("test"))[..., 0], x)
    np.testing.assert_array_equal(levels_of(mnist("train"))[..., 0], y[5:])
    np.testing.assert_array_equal(levels_of(mnist("validation"))[..., 0], y[:5])
    assert mnist("test").source == "12 images, 28x28, not the official digits" and mnist("test").labels.tolist() == [*range(10), 0, 1]
    assert mnist("test", use="embedded").source == "500 embedded digits"


def unpack(folder, stem="t10k", name="{stem}-{what}-idx{n}-ubyte", into="."):
    """The same files under other names: unpacked, in another folder."""
    (folder / into).mkdir(parents=True, exist_ok=True)
    for what, n in ("images", 3), ("labels", 1):
        old = folder / f"{stem}-{what}-idx{n}-ubyte.gz"
        content = old.read_bytes()
        old.unlink()
        new = folder / into / name.format(stem=stem, what=what, n=n)
        new.write_bytes(content if new.suffix == ".gz" else gzip.decompress(content))


@pytest.mark.parametrize("name, into", [
    ("{stem}-{what}-idx{n}-ubyte", "."), ("{stem}-{what}.idx{n}-ubyte", "."), ("{stem}-{what}-idx{n}-ubyte.gz", "MNIST/raw"),
    ("{stem}-{what}-idx{n}-ubyte", "MNIST/raw")], ids=["unpacked", "a dot in the name", "torchvision", "torchvision, unpacked"])
def test_digits_are_found_under_the_names_that_other_programs_give_them(folder, name, into):
    x = write_mnist(folder)
    unpack(folder, name=name, into=into)
    np.testing.assert_array_equal(levels_of(mnist("test"))[..., 0], x)


def test_raw_bytes_under_a_gzipped_name_are_read(folder):
    x = write_mnist(folder)
    for file in folder.iterdir():
        file.write_bytes(gzip.decompress(file.read_bytes()))
    np.testing.assert_array_equal(levels_of(mnist("test"))[..., 0], x)


def test_keras_file_is_read(folder):
    x, y = (np.random.default_rng(n).integers(256, size=(n, 28, 28), dtype=np.uint8) for n in (18, 12))
    np.savez(folder / "mnist.npz", x_train=x, y_train=np.arange(18, dtype=np.uint8) % 10, x_test=y, y_test=np.arange(12, dtype=np.uint8) % 10)
    np.testing.assert_array_equal(levels_of(mnist("train"))[..., 0], x[3:])
    np.testing.assert_array_equal(levels_of(mnist("validation"))[..., 0], x[:3])
    test = mnist("test")
    np.testing.assert_array_equal(levels_of(test)[..., 0], y)
    assert test.labels.tolist() == [*range(10), 0, 1]


@pytest.mark.parametrize("name", ["weights", "x_test"])                # a trained model; images without their labels
def test_an_npz_file_of_something_else_named_mnist_is_left_alone(name, folder):
    np.savez(folder / "mnist.npz", **{name: np.ones(3)})
    with pytest.warns(UserWarning, match="t10k-images-idx3-ubyte.gz is not in the folder"):
        assert mnist("test").source == "500 embedded digits"


def test_mnist_comes_before_fashion_in_one_folder(folder):
    for into in "FashionMNIST/raw", "MNIST/raw":
        x = write_mnist(folder, shape=(12 if into[0] == "F" else 6, 28, 28), labels=12 if into[0] == "F" else 6)
        unpack(folder, into=into)
    np.testing.assert_array_equal(levels_of(mnist("test"))[..., 0], x)


def test_images_and_labels_of_two_folders_are_not_mixed(folder):
    write_mnist(folder)
    unpack(folder, into="MNIST/raw")
    write_mnist(folder)
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match="t10k-labels-idx1-ubyte.gz is not in .*data: put it there"):
        mnist("test")


@contextlib.contextmanager
def another_user():
    """Root may read everything: take the rights of another user for a moment."""
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(65534)
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def open_path(tmp_path):
    """Let another user walk down to the temporary folder."""
    opened = [(path, path.stat().st_mode) for path in (tmp_path, *tmp_path.parents) if path.stat().st_uid == os.geteuid() and path != Path("/")]
    for path, mode in opened:
        path.chmod(mode | 0o055)
    yield
    for path, mode in opened:
        path.chmod(mode)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="rights as POSIX has them")
def test_a_file_that_may_not_be_read_is_not_called_damaged(folder, open_path):
    write_mnist(folder)
    (folder / "t10k-images-idx3-ubyte.gz").chmod(0)
    with pytest.raises(ValueError, match="t10k-images-idx3-ubyte.gz cannot be read: give yourself permission") as error, another_user():
        mnist("test")
    assert "delete" not in str(error.value)
    folder.chmod(0)
    with pytest.raises(ValueError, match="that DPM_REF_DATA names cannot be read: permission denied"), another_user():
        mnist("test")


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="rights as POSIX has them")
@pytest.mark.parametrize("closed", ["cache", "cache/dpm_ref"])
def test_a_closed_cache_does_not_stop_what_can_do_without(folder, open_path, closed, monkeypatch):
    monkeypatch.delenv("DPM_REF_DATA")
    (folder.parent / "cache" / "dpm_ref").mkdir(parents=True)
    (folder.parent / closed).chmod(0)
    with another_user(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mnist("test").source == "500 embedded digits"
        assert cifar10("test").source == "CIFAR-10 (JPEG copy), 64 images" and bark("test").source == "photograph of willow bark"
        with pytest.raises(ConnectionError, match="the folder .* cannot be written"):
            mnist("test", download=True)


@pytest.mark.parametrize("kind", ["batches", "archive", "archive beside a JPEG copy", "batches in a folder whose name says JPEG"])
def test_cifar_batches_are_read_channel_first_without_pickle(folder, kind):
    x, labels, content = cifar_batch(7)
    if kind.startswith("archive"):
        with tarfile.open(folder / "cifar-10-binary.tar.gz", "w:gz") as archive:
            folder_in_archive = tarfile.TarInfo("cifar-10-batches-bin")
            folder_in_archive.type = tarfile.DIRTYPE
            archive.addfile(folder_in_archive)
            for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
                member = tarfile.TarInfo("cifar-10-batches-bin/" + name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    if kind != "archive":
        inside = folder / ("cifar-10-from-jpeg" if "JPEG" in kind else "cifar-10-batches-bin")
        inside.mkdir()
        (inside / "test_batch.bin").write_bytes(content)
        (inside / "data_batch_2.bin").write_bytes(content)
    test = cifar10("test")
    np.testing.assert_array_equal(levels_of(test), x)
    np.testing.assert_array_equal(test.labels, labels)
    assert test.source == ("CIFAR-10 (JPEG copy)" if kind.startswith("batches in") else "CIFAR-10, 7 images")
    assert len(cifar10("train").x) == (35 if kind.startswith("archive") else 7)


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_bark_is_classes_t01_to_t04_with_eight_images_each_held_out(folder, kind):
    names = [f"{c}/{c[:3]}_{i:02d}.jpg" for c in ("T01_bark1", "T02_bark2", "T03_bark3", "T04_wood1", "T05_wood2") for i in (1, 32, 33)]
    if kind == "zip":
        with zipfile.ZipFile(folder / "T01-T05.zip", "w") as archive:
            for i, name in reversed([*enumerate(names)]):    # a zip file may have any order
                archive.writestr(name, jpeg(level=10 * i))
    else:
        for i, name in enumerate(names):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(jpeg(level=10 * i))
    train, test = bark("train"), bark("test")
    assert (train.x.shape, test.x.shape) == ((8, 480, 640, 1), (4, 480, 640, 1))
    assert train.source == "UIUC textures T01, T02, T03, T04, 8 photographs"
    assert np.abs(levels_of(test)[:, 0, 0, 0] - np.array([20, 50, 80, 110.])).max() < 4


def test_real_official_files_are_read(official):
    if (OFFICIAL / "mnist").is_dir():
        test = mnist("test")
        assert test.source == "10,000 MNIST digits" and np.bincount(test.labels)[1] == 1135
    if (OFFICIAL / "cifar-10-from-jpeg").is_dir():
        train = cifar10("train")
        assert train.x.shape == (10000, 32, 32, 3) and train.source == "CIFAR-10 (JPEG copy)"


def break_(path, how):
    content = path.read_bytes()
    path.write_bytes({"empty": b"", "cut short": content[:len(content) // 2], "flipped": content[:-6] + bytes([content[-6] ^ 255]) + content[-5:]}[how])


@pytest.mark.parametrize("name, how", [
    (name, how) for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", "cifar-10-binary.tar.gz", "T01-T05.zip")
    for how in ("empty", "cut short", "flipped") if (name, how) != ("T01-T05.zip", "flipped")])  # nothing depends on a zip's last bytes
def test_a_damaged_file_gets_one_sentence_with_its_name_and_the_way_on(folder, name, how):
    write_mnist(folder)
    with tarfile.open(folder / "cifar-10-binary.tar.gz", "w:gz") as archive:
        member, content = tarfile.TarInfo("test_batch.bin"), cifar_batch(3)[2]
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    with zipfile.ZipFile(folder / "T01-T05.zip", "w") as archive:
        archive.writestr("T01_bark1/T01_33.jpg", jpeg())
    break_(folder / name, how)
    with pytest.raises(ValueError) as error:
        {"t": mnist, "c": cifar10, "T": bark}[name[0]]("test")
    sentence = str(error.value)
    assert str(folder / name) in sentence and ("is empty" if how == "empty" else "is cut short or damaged") in sentence
    assert "the package's own data are used" in sentence and "\n" not in sentence


def put(folder, name, content):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


@pytest.mark.parametrize("prepare, load, words", [
    (lambda f: write_mnist(f, shape=(12, 32, 28)), mnist, "has images of 32x28, expected 28x28"),
    (lambda f: write_mnist(f, labels=11), mnist, "has 11 labels for 12 images"),
    (lambda f: write_mnist(f, shape=(0, 28, 28), labels=0), mnist, "has 0 bytes of data, expected 0 x 28 x 28"),
    (lambda f: (write_mnist(f), put(f, "t10k-images-idx3-ubyte.gz", gzip.compress(b"\0\0\r\3" + bytes(20)))), mnist, "is no IDX file of bytes with 3 axes"),
    (lambda f: (write_mnist(f), put(f, "t10k-images-idx3-ubyte.gz", gzip.compress(bytes([0, 0, 8, 3] + [0, 0, 0, 5] * 3) + b"x"))), mnist, "has 1 bytes of data, expected 5 x 5 x 5"),
    (lambda f: put(f, "test_batch.bin", b"\0" * 3072), cifar10, "has 3072 bytes, expected a multiple of 3073"),
    (lambda f: put(f, "test_batch.bin", b"\x0a" + b"\0" * 3072), cifar10, "has the label 10, expected 0..9"),
    (lambda f: put(f, "test_batch.bin", b""), cifar10, "is empty: delete it"),
    (lambda f: put(f, "T01_bark1/T01_33.jpg", jpeg((48, 64))), bark, "has 64x48 pixels, expected 640x480"),
    (lambda f: put(f, "T01_bark1/T01_33.jpg", jpeg()[:900]), bark, "is cut short or no image: delete it"),
    (lambda f: put(f, "T01_bark1/T01_33.jpg", b""), bark, "is empty: delete it"),
    (lambda f: put(f, "T01_bark1/T01_01.jpg", jpeg()), bark, "has no test images"),
    (lambda f: write_mnist(f, labels=np.arange(12) + 10), mnist, "has the label 21, expected 0..9: move it elsewhere"),
    (lambda f: write_mnist(f, shape=(12, 32, 32)), mnist, "expected 28x28: move it elsewhere"),
    (lambda f: (write_mnist(f), (f / "t10k-labels-idx1-ubyte.gz").unlink(), (f / "t10k-labels-idx1-ubyte.gz").mkdir()), mnist,
     "is a folder, expected a file: move it elsewhere"),
    (lambda f: np.savez(f / "mnist.npz", x_test=np.zeros((3, 28, 28)), y_test=np.zeros(3)), mnist,
     "has x_test float64 (3, 28, 28) and y_test float64 (3,), expected bytes"),
    (lambda f: put(f, "mnist.npz", b"PK"), mnist, "is cut short or damaged: delete it"),
    (lambda f: put(f, "cifar-10-batches-py/test_batch", b"\x80\x04"), cifar10, "as Python pickles, which can run any code and are not read: pass download=True"),
    (lambda f: put(f, "cifar-10-python.tar.gz", b"\x1f\x8b"), cifar10, "as Python pickles, which can run any code"),
])
def test_files_of_another_shape_get_one_sentence(folder, prepare, load, words):
    prepare(folder)
    with pytest.raises(ValueError) as error:
        load("test")
    assert words in str(error.value) and str(folder) in str(error.value) and "\n" not in str(error.value)


def test_missing_files_and_wrong_words_get_one_sentence(folder, monkeypatch):
    with pytest.raises(FileNotFoundError, match="t10k-images-idx3-ubyte.gz is not in .*data or .*cache.*download=True.*use='embedded'"):
        mnist("test", use="official")
    write_mnist(folder)
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match="t10k-labels-idx1-ubyte.gz is not in"):  # half of a data set is no silent fallback
        mnist("test")
    with pytest.raises(ValueError, match="split must be one of 'train', 'test'; got 'validation'"):
        cifar10("validation")
    for load in (mnist, cifar10, bark):
        with pytest.raises(ValueError, match="use must be one of .*; got 'offical'"):
            load("test", use="offical")
    monkeypatch.setenv("DPM_REF_DATA", "/nowhere")
    with pytest.raises(ValueError, match="DPM_REF_DATA must name a folder, got '/nowhere'"):
        mnist("test")


# ------------------------------------------------------------------ download

@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A local web server in the place of the first mirror; the second cannot be reached."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass
    (tmp_path / "web").mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "web"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(files_module, "MIRRORS", {"t": ("http://127.0.0.1:9/", f"http://127.0.0.1:{server.server_port}/")})
    yield tmp_path / "web"
    server.shutdown()
    server.server_close()


def test_download_takes_the_next_mirror_and_checks_the_checksum(folder, mirror, monkeypatch):
    x = write_mnist(mirror)
    for file in mirror.iterdir():
        monkeypatch.setitem(files_module.CHECKSUMS, file.name, hashlib.sha256(file.read_bytes()).hexdigest())
    np.testing.assert_array_equal(levels_of(mnist("test", download=True))[..., 0], x)
    assert sorted(file.name for file in folder.iterdir()) == sorted(file.name for file in mirror.iterdir())


def test_a_failed_download_leaves_nothing_behind_and_says_the_way_on(folder, mirror):
    write_mnist(mirror)                                                                     # not the official bytes
    with pytest.raises(ConnectionError) as error:
        mnist("test", download=True)
    sentence = str(error.value)
    assert "t10k-images-idx3-ubyte.gz could not be downloaded" in sentence and "wrong checksum" in sentence
    assert f"put it into {folder} by hand" in sentence and "own data are used" in sentence and "\n" not in sentence
    assert not list(folder.rglob("*"))


# ------------------------------------------------------------------ dead leaves

def same_leaf(d, low, high):
    """P(two points at distance d lie on one leaf): the first disc to cover either covers both, by areas of overlap."""
    edges = np.geomspace(low, high, 20001)
    r = (edges[1:] + edges[:-1]) / 2
    weight = np.diff(-edges**-2.0)
    reach = np.minimum(d / (2 * r), 1)
    overlap = weight @ (2 * r**2 * (np.arccos(reach) - reach * np.sqrt(1 - reach**2)))
    return overlap / (2 * weight @ (np.pi * r**2) - overlap)


@pytest.mark.slow
def test_dead_leaves_have_their_exact_law_everywhere_in_the_window():
    radii, size, N = (2, 12), 36, 1200                                                      # 36: across the border of two tiles
    x = leaves(np.random.default_rng(7), N, size, radii)[..., 0]
    z = (x - 127.5) / ((256**2 - 1) / 12) ** 0.5
    regions = {"all": np.s_[:, :], "top": np.s_[:1, :], "left": np.s_[:, :1], "last row": np.s_[-1:, :], "border": np.s_[29:32, :]}
    for i, j in (0, 1), (1, 0), (3, 4), (5, 0), (2, 9):
        product = z[:, :size - i, :size - j] * z[:, i:, j:]                                 # its mean is P(same leaf)
        for name, region in regions.items():
            means = product[(slice(None), *region)].mean((1, 2))                                        # independent from image to image
            assert abs(means.mean() - same_leaf(np.hypot(i, j), *radii)) < 4 * means.std() / N**0.5, (i, j, name)
    for i, j in (0, 0), (17, 17), (35, 0), (32, 31):                                        # uniform grey, none left unpainted
        assert abs(z[:, i, j].mean()) < 4 / N**0.5
        assert abs((x[:, i, j] == 0).mean() - 1 / 256) < 4 * (1 / 256 / N) ** 0.5


def test_anti_aliasing_is_the_mean_of_a_finer_image_of_the_same_leaves():
    fine = leaves(np.random.default_rng(3), 2, 40, (6, 60))
    soft = leaves(np.random.default_rng(3), 2, 10, (1.5, 15), samples=4)
    np.testing.assert_array_equal(soft, np.rint(fine.reshape(2, 10, 4, 10, 4, 1).mean((2, 4))))


def test_dead_leaves_are_seeded_and_held_out_by_another_seed():
    train, again, test, other = (dead_leaves(s, 4, seed=k).x for s, k in (("train", 0), ("train", 0), ("test", 0), ("train", 1)))
    np.testing.assert_array_equal(train, again)
    assert not (train == test).all((1, 2, 3)).any() and not (train == other).all((1, 2, 3)).any()
    images = dead_leaves("train", 4, size=24, radii=(3, 9))
    assert images.source == "dead leaves, r 3..9" and images.x.shape == (4, 24, 24, 1)
    assert np.abs(dequantise(images.x, images.std, np.float32(0.5))).max() <= 3**0.5


@pytest.mark.parametrize("arguments, words", [
    (dict(radii=(0, 4)), "0 < r_min <= r_max, in pixels, got (0, 4)"), (dict(radii=(5, 4)), "got (5, 4)"),
    (dict(radii=(2, np.inf)), "got (2, inf)"), (dict(size=0), "must be at least 1, got 4096, 0 and 1"), (dict(samples=0), "got 4096, 32 and 0")])
def test_impossible_leaves_get_one_sentence(arguments, words):
    with pytest.raises(ValueError) as error:
        dead_leaves("train", **arguments)
    assert words in str(error.value)
    assert leaves(np.random.default_rng(0), 1, 5, (3, 3)).shape == (1, 5, 5, 1)              # one radius is possible


def test_reading_never_unpickles():
    text = "".join(Path(m.__file__).read_text() for m in (module, files_module, formats))
    assert "np.load" in text and not re.search(r"import pickle|pickle\.load|allow_pickle=True", text)


@pytest.mark.parametrize("content, words", [
    ([0, 0, 8, 1, 0, 0], "is no IDX file of bytes with 1 axes"), ([0, 0, 8, 1, 0, 0, 0, 2, 7, 7, 7], "has 3 bytes of data")])
def test_an_idx_file_of_another_length_than_it_says_is_named(content, words, tmp_path):
    (tmp_path / "a").write_bytes(bytes(content))
    with pytest.raises(ValueError, match=words):
        formats.idx(tmp_path / "a", 1)


@pytest.mark.parametrize("shape, labels, words", [
    ((2, 28, 28), [0, 10], r"b has the label 10, expected 0\.\.9"), ((2, 28, 28), [0, 1, 2], "b has 3 labels for 2 images"),
    ((2, 28, 27), [0, 1], "a has images of 28x27, expected 28x28")])
def test_what_cannot_be_digits_is_refused(shape, labels, words):
    with pytest.raises(ValueError, match=words):
        formats.check_digits(["a", "b"], np.zeros(shape, np.uint8), np.array(labels, np.uint8))


@pytest.mark.parametrize("content, words", [(b"", "has 0 bytes"), (bytes([10] + [0] * 3072), "has the label 10")])
def test_what_cannot_be_a_batch_of_cifar_is_refused(content, words):
    with pytest.raises(ValueError, match=words):
        formats.cifar_batch("a", content)


def test_digits_are_mnist_only_where_images_and_labels_are(folder, monkeypatch):
    write_mnist(folder)
    images = gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    monkeypatch.setattr(formats, "DIGITS", {hashlib.sha256(images).hexdigest()})
    assert "not the official digits" in mnist("test").source


def test_a_file_comes_before_a_folder_of_another_spelling(folder):
    (folder / "a").mkdir()
    (folder / "b").write_bytes(b"x")
    assert files_module.find(("a", "b")) == [folder / "b"]


@pytest.mark.parametrize("size", [(641, 480), (640, 481)])
def test_a_photograph_of_another_width_or_height_is_refused(size, tmp_path):
    Image.new("L", size).save(tmp_path / "bark.png")
    with pytest.raises(ValueError, match=f"has {size[0]}x{size[1]} pixels, expected 640x480"):
        formats.photograph(tmp_path / "bark.png", "L", (480, 640))


def test_a_download_into_a_closed_folder_tries_one_mirror(folder, monkeypatch):
    def closed(*_, **__):
        raise PermissionError
    monkeypatch.setattr("pooch.retrieve", closed)
    with pytest.raises(ConnectionError) as error:
        mnist("test", download=True)
    assert str(error.value).count("cannot be written") == 1 < len(files_module.MIRRORS["t"])
