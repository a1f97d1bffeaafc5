#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "annmpi/comm/communicator.hpp"

#include "support/temporary_folder.hpp"

namespace annmpi::tests {

/// A temporary folder for all ranks. Rank 0 removes it with its contents: a collective call must
/// follow the last use on other ranks.
class SharedFolder {
 public:
  explicit SharedFolder(const comm::Communicator& communicator) {
    if (communicator.is_root()) own_.emplace();
    path_ = communicator.from_root(own_ ? own_->path().string() : std::string());
  }

  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (std::filesystem::path(path_) / name).string();
  }

 private:
  std::optional<TemporaryFolder> own_;
  std::string path_;
};

}  // namespace annmpi::tests
