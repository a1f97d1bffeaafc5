#include <chrono>
#include <csignal>
#include <thread>

#include "tools/data/program.hpp"
#include "tools/data/support.hpp"

namespace annmpi::data_tool {
namespace {

/// The program as users start it.
class Program : public Conversions {
 protected:
  /// Waits for the incomplete output, then sends the signal.
  std::function<void(pid_t)> interrupt_with(int signal) {
    return [this, signal](pid_t child) {
      const auto has_begun = [&] {
        for (const auto& entry : std::filesystem::directory_iterator(path(""))) {
          std::error_code vanished;
          if (entry.path().string().find(".partial-") != std::string::npos &&
              entry.file_size(vanished) > 0) {
            return true;
          }
        }
        return ::kill(child, 0) != 0;
      };
      // One hour means "never": the time limit of the test ends it before.
      for (int wait = 0; wait < 3'600'000 && !has_begun(); ++wait) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      ::kill(child, signal);
    };
  }

  /// About `megabytes` of pixels.
  std::string write_large_csv(int megabytes) {
    std::string line = "1";
    for (int i = 0; i < 1000; ++i) line += fmt::format(",{}", 100 + i % 100);
    line += "\n";
    std::ofstream file(path("large.csv"), std::ios::binary);
    for (std::size_t bytes = 0; bytes < static_cast<std::size_t>(megabytes) * 1'000'000;
         bytes += line.size()) {
      file << line;
    }
    return path("large.csv");
  }

  static std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
};

TEST_F(Program, ShowsHelpAndVersion) {
  const Ended help = run_program({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_CONTAINS(help.output, "annmpi-data verify FILE");
  EXPECT_CONTAINS(run_program({"--version"}).output, "annmpi-data 0.");
  for (const char* const command : {"csv", "idx", "galaxies", "info", "verify"}) {
    const Ended ended = run_program({command, "--help"});
    EXPECT_EQ(ended.status, 0);
    EXPECT_CONTAINS(ended.output, std::string("Usage: annmpi-data ") + command);
    EXPECT_EQ(ended.errors, "");
  }
}

TEST_F(Program, AnswersWrongUseWithOneLineAndStatus2) {
  const std::string csv = write("in.csv", "0,1,2\n");
  const std::string out = path("out.h5");
  const std::vector<std::vector<std::string>> uses{
      {},
      {"convert"},
      {"csv"},
      {"csv", csv},
      {"csv", csv, out, "extra"},
      {"csv", csv, out, "--unknown"},
      {"csv", csv, out, "--typ", "uint8"},
      {"csv", csv, out, "--type", "int64"},
      {"csv", csv, out, "--type"},
      {"csv", csv, out, "--rows", "1"},
      {"csv", csv, out, "--rows", "5:9"},
      {"csv", csv, out, "--shuffle", "x"},
      {"csv", csv, out, "--feature-scale", "0"},
      {"csv", csv, out, "--image-shape", "4"},
      {"csv", csv, out, "--label-column", "9"},
      {"csv", csv, out, "--class-names", "a,,b"},
      {"csv", csv, path("absent/out.h5")},
      {"csv", "-", out},
      {"idx", csv, csv, out},
      {"galaxies", out},
      {"galaxies", out, "--rows", "many"},
      {"galaxies", out, "--rows", "3", "--image-size", "4"},
      {"info", csv},
      {"verify", path("absent.h5")}};
  for (const std::vector<std::string>& words : uses) {
    const Ended ended = run_program(words);
    const std::string line = fmt::format("{}", fmt::join(words, " "));
    EXPECT_EQ(ended.status, 2) << line;
    EXPECT_EQ(ended.output, "") << line;
    EXPECT_EQ(lines_of(ended.errors), 1U) << line << ": " << ended.errors;
    EXPECT_TRUE(ended.errors.starts_with("annmpi-data: error: ")) << ended.errors;
  }
  EXPECT_EQ(files(), std::vector<std::string>{"in.csv"});
}

TEST_F(Program, ReportsShowsAndVerifiesWhatItMade) {
  const std::string csv = write("in.csv", "1,10,20\n0,30,40\n1,50,60\n");
  const Ended made = run_program({"csv", csv, path("out.h5"), "--class-names", "cat,dog"});
  EXPECT_EQ(made.status, 0) << made.errors;
  EXPECT_CONTAINS(made.output, "3 rows of 2 features (uint8, scale 1/255), 2 classes");
  const Ended info = run_program({"info", path("out.h5")});
  EXPECT_EQ(info.status, 0);
  EXPECT_CONTAINS(info.output, "rows          3\n");
  EXPECT_CONTAINS(info.output, "source        in.csv (XXH3 ");
  EXPECT_CONTAINS(info.output, "1     dog             2 rows");
  const Ended sound = run_program({"verify", path("out.h5")});
  EXPECT_EQ(sound.status, 0);
  EXPECT_CONTAINS(sound.output, "out.h5: sound");
  EXPECT_EQ(run_program({"csv", csv, path("out.h5")}).status, 2);
  EXPECT_EQ(run_program({"csv", csv, path("out.h5"), "--force", "--label-column", "-1"}).status, 0);
}

TEST_F(Program, InterruptedWorkLeavesNothing) {
  for (const char* const name : {"endless.csv", "endless.h5"}) {
    for (const int signal : {SIGINT, SIGTERM}) {
      const Ended ended = run_program({"galaxies", path(name), "--rows", "1000000000"},
                                      {.meanwhile = interrupt_with(signal)});
      EXPECT_EQ(ended.signal, signal) << ended.errors;
      EXPECT_CONTAINS(ended.errors, "interrupted");
      EXPECT_EQ(files(), std::vector<std::string>{}) << name;
    }
  }
}

TEST_F(Program, AnInterruptedConversionKeepsTheOutputItWasToReplace) {
  const std::string csv = write_large_csv(40);
  write("out.h5", "precious");
  // The conversion may end before the signal arrives: then try again.
  for (int attempt = 0; attempt < 20; ++attempt) {
    const Ended ended =
        run_program({"csv", csv, path("out.h5"), "--force", "--type", "float64", "--shuffle", "1"},
                    {.meanwhile = interrupt_with(SIGTERM)});
    EXPECT_EQ(files(), (std::vector<std::string>{"large.csv", "out.h5"}));
    if (ended.signal == SIGTERM) {
      EXPECT_EQ(io::read_text_file(path("out.h5")), "precious");
      return;
    }
    ASSERT_EQ(ended.status, 0) << ended.errors;
    write("out.h5", "precious");
  }
  FAIL() << "no conversion could be interrupted";
}

TEST_F(Program, AFullDiskIsOneClearError) {
  const std::string csv = write_large_csv(4);
  const std::vector<std::vector<std::string>> uses{{"csv", csv, path("out.h5")},
                                                   {"csv", csv, path("out.h5"), "--shuffle", "1"},
                                                   {"galaxies", path("out.h5"), "--rows", "3000"},
                                                   {"galaxies", path("out.csv"), "--rows", "3000"}};
  for (const std::vector<std::string>& words : uses) {
    // Full immediately, in the middle, and near the end (the data alone has 1 MB).
    for (const std::uint64_t limit : {0U, 1000U, 500'000U, 1'000'500U}) {
      const Ended ended = run_program(words, {.file_size_limit = limit});
      EXPECT_EQ(ended.status, 2) << words[0] << " " << limit << " signal " << ended.signal;
      // At a limit of 0 not even the message can be written.
      if (limit > 0) {
        EXPECT_CONTAINS(ended.errors, "free space");
        EXPECT_EQ(lines_of(ended.errors), 1U) << ended.errors;
      }
      EXPECT_EQ(files(), std::vector<std::string>{"large.csv"});
    }
  }
}

TEST_F(Program, MemoryStaysConstant) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer's own memory hides the program's";
#endif
  constexpr long most_kib = 200 * 1024;
  const std::string csv = write_large_csv(300);
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {}, {"--shuffle", "1"}, {"--type", "float64", "--shuffle", "1"}}) {
    std::vector<std::string> words{"csv", csv, path("out.h5"), "--force"};
    words.insert(words.end(), options.begin(), options.end());
    const Ended ended = run_program(words);
    EXPECT_EQ(ended.status, 0) << ended.errors;
    EXPECT_LT(ended.peak_kib, most_kib);
  }
  const Ended verified = run_program({"verify", path("out.h5")});
  EXPECT_EQ(verified.status, 0) << verified.errors;
  EXPECT_LT(verified.peak_kib, most_kib);
}

TEST_F(Program, MemoryStaysConstantForTheWidestRowsToo) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer's own memory hides the program's";
#endif
  // A line of 16 MiB holds most values with two characters each: 8 bytes each in float64.
  {
    std::ofstream file(path("wide.csv"), std::ios::binary);
    for (int row = 0; row < 3; ++row) {
      file << 1;
      for (std::size_t bytes = 1; bytes + 2 < (std::size_t{16} << 20); bytes += 2) file << ",1";
      file << '\n';
    }
  }
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{}, {"--shuffle", "1"}}) {
    std::vector<std::string> words{"csv",    path("wide.csv"), path("out.h5"),
                                   "--type", "float64",        "--force"};
    words.insert(words.end(), options.begin(), options.end());
    const Ended ended = run_program(words);
    EXPECT_EQ(ended.status, 0) << ended.errors;
    EXPECT_LT(ended.peak_kib, 200 * 1024);
  }
}

}  // namespace
}  // namespace annmpi::data_tool
