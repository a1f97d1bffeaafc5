// main() of test programs that run on several ranks. Every rank runs every test; a test passes if
// it passes on all of them.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mpi.h>

namespace {

int rank = 0;
int ranks = 1;

/// Aborts all ranks, since others may wait for this one.
[[noreturn]] void abort_job(const std::string& why) {
  std::fflush(stdout);
  std::fprintf(stderr, "rank %d of %d: %s\n", rank, ranks, why.c_str());
  std::fflush(stderr);
  MPI_Abort(MPI_COMM_WORLD, 1);
  std::abort();
}

/// Output of ranks other than 0: failures only, with the rank.
class FailurePrinter : public testing::EmptyTestEventListener {
  // Stores the name: the UnitTest object is locked while it reports a result.
  void OnTestStart(const testing::TestInfo& info) override {
    name_ = std::string(info.test_suite_name()) + "." + info.name();
  }

  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    std::printf("rank %d of %d: %s: %s:%d: Failure\n%s\n", rank, ranks, name_.c_str(),
                result.file_name() != nullptr ? result.file_name() : "unknown file",
                result.line_number(), result.message());
    std::fflush(stdout);
  }

  std::string name_;
};

/// Ends the job at a fatal failure, since this rank leaves its test early while others may wait for
/// it, and makes rank 0 count tests as failed that failed on another rank.
class Agreement : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    // Listeners are called in order, this one after the printer.
    if (result.fatally_failed() && ranks > 1) abort_job("a fatal failure ends the job");
  }

  void OnTestEnd(const testing::TestInfo& info) override {
    const int failed = info.result()->Failed() ? 1 : 0;
    std::vector<int> all(static_cast<std::size_t>(ranks));
    MPI_Allgather(&failed, 1, MPI_INT, all.data(), 1, MPI_INT, MPI_COMM_WORLD);
    if (rank != 0 || failed != 0) return;
    for (int r = 1; r < ranks; ++r)
      if (all[static_cast<std::size_t>(r)] != 0) ADD_FAILURE() << "failed on rank " << r;
  }
};

int run_tests() {
  auto& unit = *testing::UnitTest::GetInstance();
  auto& listeners = unit.listeners();
  if (rank != 0) {
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(std::make_unique<FailurePrinter>().release());
  }
  listeners.Append(std::make_unique<Agreement>().release());
  int failed = RUN_ALL_TESTS();
  if (unit.test_to_run_count() == 0) {
    if (rank == 0) std::fputs("this program ran no test\n", stderr);
    failed = 1;
  }
  int failed_anywhere = 0;
  MPI_Allreduce(&failed, &failed_anywhere, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return failed_anywhere;
}

}  // namespace

int main(int argc, char** argv) {
  int provided = MPI_THREAD_SINGLE;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  testing::InitGoogleTest(&argc, argv);
  // GoogleTest would catch an exception and go on to the next test, which other ranks never reach.
  GTEST_FLAG_SET(catch_exceptions, false);
  int status = 1;
  try {
    status = run_tests();
  } catch (const std::exception& error) {
    abort_job(std::string("an exception left a test: ") + error.what());
  } catch (...) {
    abort_job("an unknown exception left a test");
  }
  MPI_Finalize();
  return status;
}
