#!/usr/bin/env python3
"""Training follows SciPy's conjugate gradients on embedded galaxies, on any number of ranks.

The data and the trajectories lie in tests/golden; see make_galaxy_trajectory.py there.
"""
from programs import GOLDEN, ProgramTest, main, metrics
import trajectories

CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
"""


class Golden(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in ("train", "test"):
            done = self.data_tool("csv", GOLDEN / f"galaxies16_{name}.csv", f"{name}.h5",
                                  "--class-names", "elliptical,spiral,irregular")
            self.assert_done(done)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def follow(self, name, ranks, *arguments):
        trajectory = trajectories.read(GOLDEN / f"{name}.json")
        what = f"{name} on {ranks} ranks {' '.join(arguments)}".strip()
        output = f"run {len(list(self.folder.iterdir()))}"
        tolerances = trajectories.tolerance_by_spread(trajectory)
        # Fewer iterations would prove little.
        self.assertGreaterEqual(len(tolerances), 20)
        self.train(ranks, output, "--quiet", "--max-iterations", len(tolerances), "--seed", trajectory["seed"],
                   "--set", f"model.hidden=[{trajectory['hidden']}]", f"model.l2={trajectory['l2']}", *arguments)
        found = trajectories.assert_follows(self, trajectory, metrics(self.folder / output), tolerances, what)
        trajectories.tell(what, found, tolerances)

    def test_follows_scipy(self):
        for name in ("galaxies16_h8_l1_seed917", "galaxies16_h25_l0.3_seed5", "galaxies16_h4_l0_seed3"):
            for ranks in (1, 2, 3, 4):
                with self.subTest(trajectory=name, ranks=ranks):
                    self.follow(name, ranks)

    def test_follows_scipy_in_small_chunks(self):
        for ranks, chunk_rows in ((1, 7), (2, 16), (3, 7), (4, 16)):
            with self.subTest(ranks=ranks, chunk_rows=chunk_rows):
                self.follow("galaxies16_h8_l1_seed917", ranks, f"compute.chunk_rows={chunk_rows}")

    def test_follows_scipy_whenever_it_refreshes(self):
        for interval in (1, 3, 1000):
            with self.subTest(interval=interval):
                self.follow("galaxies16_h8_l1_seed917", 2, f"optimizer.refresh_interval={interval}")


if __name__ == "__main__":
    main()
