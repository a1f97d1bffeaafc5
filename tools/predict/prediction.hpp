#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "annmpi/data/dataset.hpp"
#include "annmpi/io/hdf5.hpp"
#include "annmpi/output/model_file.hpp"

namespace annmpi::predict {

enum class Parameters { selected, last };

/// What is shown of one block of rows, in the order of the file.
struct Block {
  std::uint64_t first_row;
  std::span<const std::int32_t> labels;       ///< [rows]
  std::span<const std::int32_t> predictions;  ///< [rows]
  std::span<const double> probabilities;      ///< [rows, classes]
};

/// How a model does on a data set.
struct Evaluation {
  std::uint64_t rows = 0;
  double loss = 0;      ///< mean over the rows, without penalty
  double cost = 0;      ///< with the penalty of training, over this set's number of rows
  double accuracy = 0;  ///< share of the rows put in the right class
  /// confusion[actual][predicted], numbers of rows
  std::vector<std::vector<std::int64_t>> confusion;

  /// Of the rows put in class k, the share that belongs there; NaN where there are none.
  [[nodiscard]] double precision(std::size_t k) const;
  /// Of the rows of class k, the share that was put there; NaN where there are none.
  [[nodiscard]] double recall(std::size_t k) const;
};

/// Runs the model over the file in blocks of rows, in constant memory, and shows each block to
/// `show`.
/// @throws Error if the model does not fit the data.
[[nodiscard]] Evaluation evaluate(const output::Model& model, Parameters parameters,
                                  const io::Hdf5File& file,
                                  const std::function<void(const Block&)>& show);

}  // namespace annmpi::predict
