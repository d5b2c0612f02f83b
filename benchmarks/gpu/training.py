"""Compares the losses of two trainings that differ in nothing but the device."""
import csv
import shutil
import statistics
import zipfile

# Rounding differs between devices and grows from step to step: the first steps must agree closely, the last only on average.
EARLY_STEPS, EARLY_TOLERANCE = 5, 1e-2
LATE_PART, LATE_TOLERANCE = 0.2, 0.1


def unpack_demo(program, folder):
    """The sample and the settings of `pixelwake demo`, into a folder of their own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    jar, = (program / "lib").glob("pixelwake-app-*.jar")
    with zipfile.ZipFile(jar) as archive:
        for name in ("preset.yaml", "sr90-sample.zip"):
            (folder / name).write_bytes(archive.read(f"org/pixelwake/app/demo/{name}"))


def losses(file):
    """The loss of each step that has one."""
    with file.open(newline="") as lines:
        return [float(row["loss"]) for row in csv.DictReader(lines) if row["loss"]]


def compare(own, cpu):
    if len(own) != len(cpu) or not own:
        raise ValueError(f"{len(own)} and {len(cpu)} steps with a loss cannot be compared")
    early = max(abs(a - b) / abs(b) for a, b in list(zip(own, cpu))[:EARLY_STEPS])
    last = max(1, round(LATE_PART * len(own)))
    late_own, late_cpu = statistics.mean(own[-last:]), statistics.mean(cpu[-last:])
    late = abs(late_own - late_cpu) / abs(late_cpu)
    # Written so that NaN does not agree.
    return {"steps": len(own), "early_difference": early, "late_difference": late, "late_loss": late_own,
            "late_loss_cpu": late_cpu, "agree": early <= EARLY_TOLERANCE and late <= LATE_TOLERANCE, "losses": own,
            "losses_cpu": cpu}


def text(figures):
    return (f"{figures['steps']} steps; the first differ by {figures['early_difference']:.1e} at most, of {EARLY_TOLERANCE:.0e}"
            f" allowed; loss at the end {figures['late_loss']:.4f} and {figures['late_loss_cpu']:.4f} on the processor,"
            f" {100 * figures['late_difference']:.1f} % apart, of {100 * LATE_TOLERANCE:.0f} % allowed")
