#!/usr/bin/env python3
"""tools/fetch_data.sh with folders and a loopback server: it installs correct files, and leaves no others.

usage: test_fetch_data.py ROOT-OF-THE-TREE [ANNMPI-DATA]

The files are made here, so their sums are given with --sums; without ANNMPI-DATA the converter is a
substitute that records its arguments.
"""

import functools
import hashlib
import http.server
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

CONVERTER = pathlib.Path(sys.argv.pop(2)).resolve() if len(sys.argv) > 2 else None
FETCH_DATA = pathlib.Path(sys.argv.pop(1)).resolve() / "tools" / "fetch_data.sh"
GALAXY = ["train.csv", "test.csv"]
MNIST = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
         "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
STAND_IN = '#!/bin/sh\necho "$@" >"$3"; [ "$1" = csv ] || echo "$@" >"$4"\n'


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; optionally truncates test.csv or never completes it."""

    behaviour = "good"

    def do_GET(self):
        if self.behaviour == "good" or not self.path.endswith("/test.csv"):
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"0,1,2\n")
        self.wfile.flush()
        if self.behaviour == "endless":
            time.sleep(20)
        self.close_connection = True
        return None

    def log_message(self, *_):
        pass


class FetchData(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="annmpi fetch ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.source, self.to, self.bin = (self.folder / name for name in ("source", "data", "bin"))
        self.source.mkdir()
        self.bin.mkdir()
        for number, name in enumerate(GALAXY + MNIST):
            pixels = ",".join(str((i + number) % 256) for i in range(1024))
            rows = "".join(f"{row % 3},{pixels}\n" for row in range(6))
            (self.source / name).write_text(rows, encoding="utf-8")
        self.write_sums(GALAXY + MNIST)
        (self.bin / "annmpi-data").write_text(STAND_IN, encoding="utf-8")
        (self.bin / "annmpi-data").chmod(0o755)

    def write_sums(self, names):
        lines = [f"{hashlib.sha256((self.source / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        (self.folder / "sums").write_text("".join(lines), encoding="utf-8")

    def command(self, *arguments, place=None):
        return [str(FETCH_DATA), *arguments, "--from", str(place or self.source), "--to", str(self.to),
                "--bin", str(self.bin), "--sums", str(self.folder / "sums")]

    def fetch(self, *arguments, place=None):
        return subprocess.run(self.command(*arguments, place=place), cwd="/", stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def serve(self, behaviour="good"):
        handler = type("Handler", (Server,), {"behaviour": behaviour})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(
            handler, directory=str(self.source)))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def left(self):
        return sorted(str(path.relative_to(self.to)) for path in self.to.rglob("*") if path.is_file())

    def assert_fetched(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.left(), ["galaxy.origin", "galaxy_test.csv", "galaxy_test.h5",
                                       "galaxy_train.csv", "galaxy_train.h5"])
        self.assertEqual((self.to / "galaxy_test.csv").read_bytes(), (self.source / "test.csv").read_bytes())

    def assert_failed(self, done, words, status=1):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertIn(words, done.stdout + done.stderr)
        self.assertEqual(self.left(), [])
        self.assertEqual(list(self.to.glob(".fetch*")), [])

    def test_fetches_from_a_folder_only_once(self):
        self.assert_fetched(self.fetch("galaxy"))
        self.assertIn("--class-names elliptical,spiral,irregular --image-shape 32,32",
                      (self.to / "galaxy_train.h5").read_text(encoding="utf-8"))
        again = self.fetch("galaxy")
        self.assert_fetched(again)
        self.assertIn("already", again.stdout)

    def test_fetches_from_addresses(self):
        self.assert_fetched(self.fetch("galaxy", place=self.serve()))
        self.assertIn("http://127.0.0.1", (self.to / "galaxy.origin").read_text(encoding="utf-8"))
        for path in self.to.iterdir():
            path.unlink()
        self.assert_fetched(self.fetch("galaxy", place=f"file://{self.source}/"))

    def test_fetches_digits(self):
        done = self.fetch("mnist")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.left(), ["mnist.origin", *sorted(f"mnist/{name}" for name in MNIST),
                                       "mnist_test.h5", "mnist_train.h5"])
        self.assertEqual((self.to / "mnist_test.h5").read_text(encoding="utf-8").split(),
                         ["idx", f"mnist/{MNIST[2]}", f"mnist/{MNIST[3]}", "mnist_test.h5"])

    def test_refuses_a_wrong_checksum(self):
        with open(self.source / "test.csv", "a", encoding="utf-8") as file:
            file.write("x")
        self.assert_failed(self.fetch("galaxy"), "not the expected file")

    def test_refuses_a_file_with_unknown_checksum(self):
        self.write_sums(["train.csv"])
        self.assert_failed(self.fetch("galaxy"), "no SHA-256 is known for test.csv")

    def test_names_a_missing_file(self):
        (self.source / "test.csv").unlink()
        self.assert_failed(self.fetch("galaxy"), "test.csv could not be fetched")
        self.assert_failed(self.fetch("galaxy", place=self.serve()), "404")

    def test_keeps_nothing_of_a_truncated_download(self):
        self.assert_failed(self.fetch("galaxy", place=self.serve("breaks off")), "not received")

    def test_keeps_nothing_when_interrupted(self):
        process = subprocess.Popen(self.command("galaxy", place=self.serve("endless")), cwd="/", text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        for line in process.stdout:
            if "test.csv" in line:
                break
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)  # the process group of this test's own child, as Ctrl-C does
        process.stdout.read()
        process.stdout.close()
        self.assertNotEqual(process.wait(timeout=10), 0)
        self.assertEqual(self.left(), [])
        self.assertEqual(list(self.to.glob(".fetch*")), [])

    def test_keeps_nothing_when_the_conversion_fails(self):
        (self.bin / "annmpi-data").write_text("#!/bin/sh\necho line 3 is ragged >&2; exit 2\n", encoding="utf-8")
        self.assert_failed(self.fetch("galaxy"), "line 3 is ragged")

    def test_replaces_embedded_data_but_not_the_user_s(self):
        self.to.mkdir()
        (self.to / "galaxy_train.h5").write_text("mine", encoding="utf-8")
        done = self.fetch("galaxy")
        self.assertEqual(done.returncode, 1)
        self.assertIn("galaxy_train.h5 exists", done.stderr)
        self.assertEqual(self.left(), ["galaxy_train.h5"])
        (self.to / "galaxy.origin").write_text("embedded: ...\n", encoding="utf-8")
        self.assert_fetched(self.fetch("galaxy"))
        (self.to / "galaxy.origin").unlink()
        self.assertEqual(self.fetch("galaxy").returncode, 1)
        self.assert_fetched(self.fetch("galaxy", "--force"))

    def test_refuses_wrong_use(self):
        for arguments in ([], ["stars"], ["galaxy", "mnist"], ["galaxy", "--from"],
                          ["galaxy", "--from", "ftp://x"], ["galaxy", "--from", "/absent"],
                          ["galaxy", "--sums", "/absent"]):
            done = subprocess.run([str(FETCH_DATA), *arguments], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2, (arguments, done))
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    @unittest.skipUnless(CONVERTER, "no annmpi-data was named")
    def test_converts_with_the_real_converter(self):
        self.bin = CONVERTER.parent
        self.assert_fetched(self.fetch("galaxy"))
        self.assertEqual((self.to / "galaxy_train.h5").read_bytes()[:4], b"\x89HDF")


if __name__ == "__main__":
    unittest.main(verbosity=1)
