"""Finds and unpacks the archives of `mvn -Pdist package`, and the CUDA library that belongs to the sources."""
import hashlib
import shutil
import subprocess
import tarfile
import zipfile

import records

LIBRARY = "libpixelwake_cuda.so"


class Missing(Exception):
    """Something that is needed is not there; the message says what and how to get it."""


def archives(folder):
    """The archive with the program, and that with the checks."""
    found = sorted(folder.glob("pixelwake-*-linux-x86_64.tar.xz"))
    checks = [file for file in found if file.name.startswith("pixelwake-checks-")]
    programs = [file for file in found if file not in checks]
    for kind, files in (("pixelwake-VERSION-linux-x86_64.tar.xz", programs),
                        ("pixelwake-checks-VERSION-linux-x86_64.tar.xz", checks)):
        if len(files) != 1:
            have = ", ".join(file.name for file in files) or "none"
            raise Missing(f"{folder} must hold one {kind}, has {have}: make it with mvn -Pdist package where Maven is and copy"
                          " it here, or name its folder with --bundle")
    return programs[0], checks[0]


def unpacked(folder, work):
    """The folder of the unpacked program; unpacks where an archive is another than the last time."""
    files = archives(folder)
    target, mark = work / "pixelwake", work / "unpacked.txt"
    state = "\n".join(f"{file.resolve()} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files)
    if mark.is_file() and mark.read_text() == state and target.is_dir():
        return target
    shutil.rmtree(target, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    for file in files:
        # Not the tar command: it would need xz beside it.
        with tarfile.open(file) as archive:
            archive.extractall(work, **({"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}))
    mark.write_text(state)
    return target


def content(folder):
    """A digest of both archives."""
    whole = hashlib.sha256()
    for file in archives(folder):
        whole.update(file.read_bytes())
    return whole.hexdigest()


def digest(root):
    script = root / "cmake" / "digest.sh"
    return subprocess.run(["bash", str(script)], check=True, capture_output=True, text=True).stdout.strip()


def holds_library(program):
    for jar in (program / "lib").glob("pixelwake-engine-*.jar"):
        with zipfile.ZipFile(jar) as archive:
            return any(name.endswith("/" + LIBRARY) for name in archive.namelist())
    return False


def why_build(program, sources):
    """Why the library of the bundle cannot be used; empty where it can."""
    if not holds_library(program):
        return "the bundle has no CUDA library"
    mark = program / "lib" / "native-sources.sha256"
    if not mark.is_file():
        return "the bundle does not say of which sources its CUDA library is"
    return "" if mark.read_text().strip() == sources else "the bundle's CUDA library is of other sources"


def built_here(native, sources):
    mark = native / "sources.sha256"
    return (native / LIBRARY).is_file() and mark.is_file() and mark.read_text().strip() == sources


def build_commands(root, native, sources, jobs, limit):
    """Configures and builds the CUDA library alone into the folder `native`."""
    if not shutil.which("cmake"):
        raise Missing("cmake is missing; it builds the CUDA library: install it, or bring a bundle made of these sources")
    if not shutil.which("nvcc"):
        raise Missing("nvcc is missing; it builds the CUDA library: put it on the PATH (it is in the folder bin of the CUDA"
                      " toolkit), or bring a bundle made of these sources")
    if not shutil.which("make") and not shutil.which("ninja"):
        raise Missing("make and ninja are missing, of which cmake needs one: install make")
    generator = () if shutil.which("make") else ("-G", "Ninja")
    key = "build"
    return [
        records.Command("configure", ("cmake", *generator, "-S", str(root), "-B", str(native), "-DCMAKE_BUILD_TYPE=Release",
                                      "-DBUILD_TESTING=OFF"), limit, key),
        records.Command("compile", ("cmake", "--build", str(native), "--parallel", str(jobs), "--target", "pixelwake_cuda"),
                        limit, key),
        records.Command("note the sources", ("sh", "-c", 'echo "$1" > "$2"', "sh", sources, str(native / "sources.sha256")),
                        limit, key)]
