"""What a result was measured on."""
import datetime
import os
import platform
import subprocess
from pathlib import Path


def commit(root):
    """The commit, with a mark where files of the repository differ from it."""

    def git(*arguments):
        return subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True).stdout

    name = git("rev-parse", "--short", "HEAD").strip()
    # Results are written by this very program.
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")
    return name + (" with changes" if changed else "")


def _cpuinfo(field):
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.split("\t")[0].strip() == field:
            return line.split(":", 1)[1].strip()
    return ""


def instructions():
    flags = _cpuinfo("flags").split()
    names = [name for flag, name in (("avx512f", "AVX-512"), ("avx512_bf16", "bf16")) if flag in flags]
    return " with ".join(names) or ("AVX2" if "avx2" in flags else "neither AVX2 nor AVX-512")


def heading(commit):
    """One paragraph: when, which commit, which machine."""
    now = datetime.datetime.now(datetime.timezone.utc)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = _cpuinfo("model name") or platform.processor()
    return (f"{now:%Y-%m-%d %H:%M} UTC, commit {commit}; {name}, {os.cpu_count()} processors ({instructions()}), "
            f"{memory:.0f} GiB, Linux {platform.release()}.\n")
