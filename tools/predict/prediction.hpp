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

/// The results for one block of rows, in the order of the file.
struct Block {
  std::uint64_t first_row;
  std::span<const std::int32_t> labels;       ///< [rows]
  std::span<const std::int32_t> predictions;  ///< [rows]
  std::span<const double> probabilities;      ///< [rows, classes]
};

/// The evaluation of a model on a data set.
struct Evaluation {
  std::uint64_t rows = 0;
  double loss = 0;      ///< mean over the rows, without penalty
  double cost = 0;      ///< with the penalty of training, over this set's number of rows
  double accuracy = 0;  ///< fraction of rows that are classified correctly
  /// confusion[actual][predicted], numbers of rows
  std::vector<std::vector<std::int64_t>> confusion;

  /// Of the rows assigned to class k, the fraction that belongs to it; NaN where there are none.
  [[nodiscard]] double precision(std::size_t k) const;
  /// Of the rows of class k, the fraction that was assigned to it; NaN where there are none.
  [[nodiscard]] double recall(std::size_t k) const;
};

/// Applies the model to the file in blocks of rows, in constant memory, and passes each block to
/// `show`.
/// @throws Error if the model does not fit the data.
[[nodiscard]] Evaluation evaluate(const output::Model& model, Parameters parameters,
                                  const io::Hdf5File& file,
                                  const std::function<void(const Block&)>& show);

}  // namespace annmpi::predict
