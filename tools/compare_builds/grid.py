"""The training runs of a comparison: factors whose pairs of values are all covered."""
import programs
from covering import covering_array

SEED = 917
QUICK_RUNS = 12  # of each grid: those that cover the most pairs

BATCHES = ["optimizer.epochs=3"]  # batches divide neither the rows of a set nor each other
METHODS = {
    "cg": ["optimizer.kind=cg", "optimizer.max_iterations=12", "optimizer.refresh_interval=5"],
    "lbfgs": ["optimizer.kind=lbfgs", "optimizer.max_iterations=12", "optimizer.refresh_interval=5"],
    "lbfgs-3": ["optimizer.kind=lbfgs", "optimizer.max_iterations=8", "optimizer.memory=3"],
    "sgd": ["optimizer.kind=sgd", "optimizer.learning_rate=0.1", "optimizer.batch_size=64", *BATCHES],
    "sgd-nesterov": ["optimizer.kind=sgd", "optimizer.learning_rate=0.05", "optimizer.batch_size=37",
                     "optimizer.momentum=0.9", "optimizer.nesterov=true", "optimizer.clip_norm=0.5",
                     "optimizer.schedule=cosine", "optimizer.warmup_epochs=0.5", *BATCHES],
    "adam": ["optimizer.kind=adam", "optimizer.learning_rate=0.01", "optimizer.batch_size=64", *BATCHES],
    "adam-decay": ["optimizer.kind=adam", "optimizer.learning_rate=0.01", "optimizer.batch_size=100",
                   "optimizer.weight_decay=0.01", "optimizer.schedule=step", "optimizer.step_epochs=1",
                   "optimizer.step_factor=0.5", *BATCHES],
}
FULL_BATCH = ("cg", "lbfgs", "lbfgs-3")
# Per rank of a job: whether it has a GPU.
GPU, CPU = True, False
JOBS = {"1": [CPU], "3": [CPU] * 3, "3-uneven": [CPU] * 3, "gpu": [GPU], "2-gpus": [GPU] * 2, "gpu-cpu": [GPU, CPU]}
SHARES = {"3-uneven": "[1,2.5,0.5]", "gpu-cpu": "[2,1]"}
SETS = {"train": [], "test": ["data.test={prefix}test_{features}.h5"],
        "validation": ["data.test={prefix}test_{features}.h5", "data.validation={prefix}validation_{features}.h5"]}

# Kernels are specialised for the type of features and the precision, so their pairs are combined with each value of the
# other factors. amx: bytes multiplied by matrix units, which only apply to bytes.
PRODUCTS = [f"{features}-{precision}" for features in ("uint8", "amx", "float32", "float64")
            for precision in ("float64", "mixed")]

# Networks have at least one hidden layer. Up to 96 units of a first layer are computed by annmpi's own kernels, more by
# OpenBLAS; with AMX bytes are multiplied in integers for any width.
CPU_FACTORS = {
    "method": list(METHODS),
    "hidden": ["8", "33", "130", "20-12-7", "130-12-7"],
    "activation": ["sigmoid", "tanh", "relu"],
    "output": ["sigmoid", "softmax"],
    "products": PRODUCTS,
    "sums": ["exact", "plain"],
    "rows": ["memory", "streamed"],
    "ranks": ["1", "3", "3-uneven"],
    "threads": ["1", "2"],
    "simd": [],  # depends on the processor
    "sets": list(SETS),
    "init": ["uniform", "glorot", "he"],
    "chunk": ["0", "48"],
    "l2": ["0", "1"],
}
GPU_FACTORS = {
    "method": ["cg", "lbfgs", "sgd-nesterov", "adam-decay"],
    "hidden": ["4", "70", "12-5"],
    "activation": ["sigmoid", "tanh", "relu"],
    "output": ["sigmoid", "softmax"],
    "features": ["uint8", "float32", "float64"],
    "precision": ["float64", "mixed"],
    "rows": ["memory", "streamed"],
    "ranks": ["gpu", "2-gpus", "gpu-cpu"],
    "sets": list(SETS),
    "l2": ["0", "1"],
}
# The emulated GPU runs on host threads: small sets, few iterations.
ON_GPUS = {"cg": ["optimizer.max_iterations=3"], "lbfgs": ["optimizer.max_iterations=3"],
           "sgd-nesterov": ["optimizer.epochs=2"], "adam-decay": ["optimizer.epochs=2"]}


def allowed_on_cpus(row):
    if "simd" in row and "products" in row and (row["simd"] == "AMX") != row["products"].startswith("amx"):
        return False
    # Plain sums depend on the partition, and MPI adds over several ranks in its own order. Such runs are compared with
    # a repetition first, and use one thread, so that nothing else can differ.
    return not (row.get("sums") == "plain" and row.get("ranks") not in (None, "1") and row.get("threads") == "2")


def allowed_on_gpus(row):
    return not (row.get("ranks") == "gpu-cpu" and row.get("method") not in (None, *FULL_BATCH))


class Run:
    """One training run with each build."""

    def __init__(self, number, row, fakes=None):
        self.number, self.row, self.fakes = number, row, fakes
        if "products" in row:
            features, self.precision = row["products"].split("-")
            self.features = "uint8" if features == "amx" else features
        else:
            self.features, self.precision = row["features"], row["precision"]
        self.ranks = JOBS[row["ranks"]]
        self.on_gpus = GPU in self.ranks
        self.prefix = "small_" if self.on_gpus else ""

    @property
    def may_vary(self):
        """Whether equal bits are promised only for one rank."""
        return self.row.get("sums") == "plain" and len(self.ranks) > 1

    def settings(self):
        row = self.row
        words = [f"data.train={self.prefix}train_{self.features}.h5",
                 *(word.format(prefix=self.prefix, features=self.features) for word in SETS[row["sets"]]),
                 f"model.hidden=[{row['hidden'].replace('-', ',')}]", f"model.hidden_activation={row['activation']}",
                 f"model.output={row['output']}", f"model.l2={row['l2']}", f"model.init={row.get('init', 'glorot')}",
                 *METHODS[row["method"]], *(ON_GPUS[row["method"]] if self.on_gpus else []),
                 f"compute.precision={self.precision}",
                 f"compute.deterministic={'false' if row.get('sums') == 'plain' else 'true'}",
                 f"compute.threads={row.get('threads', '1')}", f"compute.chunk_rows={row.get('chunk', '48')}",
                 f"data.streaming={'true' if row['rows'] == 'streamed' else 'false'}"]
        if row["ranks"] in SHARES:
            words.append(f"compute.shares={SHARES[row['ranks']]}")
        device = "cpu" if not self.on_gpus else "gpu" if all(self.ranks) else "auto"
        # The later of two values for a key counts, on GPUs too.
        return list({word.split("=")[0]: word for word in [*words, f"compute.device={device}"]}.values())

    def variables(self):
        if self.on_gpus:
            return {**programs.of_ranks(), "CUDA_VISIBLE_DEVICES": "0", "LD_LIBRARY_PATH": self.fakes}
        return {**programs.of_ranks(), "CUDA_VISIBLE_DEVICES": "", "ANNMPI_SIMD_TARGET": self.row["simd"]}

    def program(self, name):
        return f"$build/tests/emulated/bin/{name}" if self.on_gpus else f"$build/bin/{name}"

    def call(self, output, *options):
        words = [self.program("annmpi"), "--config", "empty.toml", "--output", output, *options,
                 "--set", *self.settings()]
        if len(self.ranks) == 1:
            return programs.Call(words, **self.variables())
        if len(set(self.ranks)) == 1:
            return programs.Call(["mpirun", "-n", len(self.ranks), *words], **self.variables())
        parts = [["-n", "1", *([] if has_gpu else ["env", "CUDA_VISIBLE_DEVICES="]), *words] for has_gpu in self.ranks]
        return programs.Call(["mpirun", *parts[0], *(word for part in parts[1:] for word in (":", *part))],
                             **self.variables())

    def prediction(self, model, output):
        """annmpi-predict on the first set other than the training set."""
        rows = "train" if self.row["sets"] == "train" else "test"
        which = "last" if self.number % 2 else "selected"
        variables = {} if self.on_gpus else {"ANNMPI_SIMD_TARGET": self.row["simd"]}
        return programs.Call([self.program("annmpi-predict"), model, f"{self.prefix}{rows}_{self.features}.h5",
                              "--json", "--parameters", which, "--output", output, "--force"],
                             **programs.of_ranks(), **variables)


def runs_of(factors, allowed, quick, first=1, **more):
    """(runs of a grid, covered pairs, all pairs)."""
    rows = covering_array(factors, allowed, SEED)
    pairs = [set((a, row[a], b, row[b]) for a in factors for b in factors if a < b) for row in rows]
    taken = rows[:QUICK_RUNS] if quick else rows
    covered = len(set().union(*pairs[:len(taken)]))
    return ([Run(first + index, row, **more) for index, row in enumerate(taken)], covered, len(set().union(*pairs)))


def cpu_factors(targets):
    products = [one for one in PRODUCTS if "AMX" in targets or not one.startswith("amx")]
    return {**CPU_FACTORS, "products": products, "simd": targets}


def on_cpus(targets, quick):
    return runs_of(cpu_factors(targets), allowed_on_cpus, quick)


def on_gpus(fakes, quick, first):
    return runs_of(GPU_FACTORS, allowed_on_gpus, quick, first, fakes=fakes)
