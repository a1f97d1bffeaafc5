"""Generates the data that both builds read, with annmpi-data of one of them and directly. Always the same bytes."""
import random

import programs

TRAIN_ROWS, TEST_ROWS, VALIDATION_ROWS = 700, 200, 150
SMALL_ROWS = 150  # for the emulated GPU
MANY_ROWS = 21000  # 43 MB as doubles: more than annmpi-data shuffles in memory


def convert(build, folder, *words):
    done = programs.Call(["$build/bin/annmpi-data", *words, "--force"], **programs.of_ranks()).run(build, folder)
    if done.status != 0:
        raise programs.Failure(f"{build.folder}/bin/annmpi-data {' '.join(map(str, words))}: {done.last_words()}")


def write_fractions(pixels, output):
    """Converts a CSV of pixels to one of real features, some of them negative."""
    with open(pixels, encoding="ascii") as lines, open(output, "w", encoding="ascii") as file:
        for line in lines:
            label, *values = line.split(",")
            file.write(",".join([label, *(f"{int(value) * 0.0067 - 0.3:.9g}" for value in values)]) + "\n")


def write_training_sets(build, folder):
    """[small_]train, test, validation _ uint8, float32, float64 .h5."""
    for prefix, size, rows in (("", 16, (TRAIN_ROWS, TEST_ROWS, VALIDATION_ROWS)), ("small_", 8, (SMALL_ROWS, 60, 40))):
        for seed, (name, count) in enumerate(zip(("train", "test", "validation"), rows), start=1):
            path = folder / f"{prefix}{name}"
            convert(build, folder, "galaxies", f"{path.name}.csv", "--rows", count, "--image-size", size, "--seed",
                    seed)
            convert(build, folder, "csv", f"{path.name}.csv", f"{path.name}_uint8.h5")
            write_fractions(f"{path}.csv", f"{path}_fractions.csv")
            for kind in ("float32", "float64"):
                convert(build, folder, "csv", f"{path.name}_fractions.csv", f"{path.name}_{kind}.h5", "--type", kind)
    (folder / "empty.toml").write_text("# All keys are given by --set.\n", encoding="ascii")


def write_digits(folder, name, rows, size=28, seed=1):
    """IDX files name.images and name.labels of ten classes: one pattern each, plus noise."""
    chance = random.Random(seed)
    pixels = size * size
    patterns = [random.Random(1000 + label).randbytes(pixels) for label in range(10)]
    with open(folder / f"{name}.images", "wb") as images, open(folder / f"{name}.labels", "wb") as labels:
        images.write(bytes([0, 0, 8, 3]) + b"".join(extent.to_bytes(4, "big") for extent in (rows, size, size)))
        labels.write(bytes([0, 0, 8, 1]) + rows.to_bytes(4, "big"))
        for _ in range(rows):
            label = chance.randrange(10)
            noise = chance.randbytes(pixels)
            images.write(bytes([(3 * b >> 2) + (a >> 2) for a, b in zip(patterns[label], noise)]))
            labels.write(bytes([label]))


def write_conversions(build, folder, quick):
    """Input files for the converters, in addition to the sets above."""
    write_digits(folder, "digits", 300, 12)
    chance = random.Random(5)
    with open(folder / "named.csv", "w", encoding="ascii") as file:
        file.write("width,height,kind\n")
        for row in range(120):
            file.write(f"{chance.uniform(-1e6, 1e6):.17g},{chance.gauss(0, 1e-6):.6e},{('plain', 'round')[row % 2]}\n")
    if not quick:
        convert(build, folder, "galaxies", "many.csv", "--rows", MANY_ROWS, "--image-size", "16")
