#pragma once

#include <cstdint>
#include <utility>

#include "annmpi/data/local_set.hpp"
#include "annmpi/device/device_rows.hpp"

namespace annmpi::device::cpu {

/// Rows in host memory or streamed from a file, which CPUs use without a copy.
class LocalRows : public DeviceRows {
 public:
  explicit LocalRows(data::LocalSet rows) : data_(std::move(rows)) {}

  [[nodiscard]] std::uint64_t rows() const override { return data_.rows(); }
  [[nodiscard]] std::uint64_t bytes() const override {
    return data_.feature_memory() + data_.labels().size_bytes();
  }
  [[nodiscard]] const data::LocalSet* on_host() const override { return &data_; }

  void complete(const data::SetFacts& facts) { set_facts(facts); }

  [[nodiscard]] const data::LocalSet& data() const { return data_; }

 private:
  data::LocalSet data_;
};

}  // namespace annmpi::device::cpu
