#include "device/cuda/gemm/bf16_split.cuh"
#include "device/cuda/rows/rows.hpp"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda::mini_batch {
namespace {

constexpr unsigned threads = 256;

__device__ void put_feature(const Planes<std::uint16_t>& X, int row, int column, std::uint8_t x,
                            double) {
  // A bfloat16 has 8 significant bits.
  X.row(row)[column] = static_cast<std::uint16_t>(__float_as_uint(static_cast<float>(x)) >> 16);
}
__device__ void put_feature(const Planes<double>& X, int row, int column, std::uint8_t x, double) {
  X.row(row)[column] = static_cast<double>(x);
}
template <class Feature>
__device__ void put_feature(const Planes<std::uint16_t>& X, int row, int column, Feature x,
                            double scale) {
  store<Mixed>(X, row, column, static_cast<float>(x) * static_cast<float>(scale));
}
template <class Feature>
__device__ void put_feature(const Planes<double>& X, int row, int column, Feature x, double scale) {
  X.row(row)[column] = static_cast<double>(x) * scale;
}

/// One block per row.
template <class Traits, class Feature>
__global__ void take(StoredRows from, RowChoice choice, Inputs<Traits> to,
                     StepStart<Traits> start) {
  const auto i = static_cast<int>(blockIdx.x);
  const long long row = choice.row(i);
  const auto* const features = reinterpret_cast<const Feature*>(from.features + row * from.stride);
  for (int c = static_cast<int>(threadIdx.x); c < to.columns; c += static_cast<int>(threads))
    put_feature(to.X, i, c, features[c], to.scale);
  const int padding = to.X.pitch - to.columns;
  constexpr int planes = planes_of_features<Traits>(io::element_type_of<Feature>);
  if (static_cast<int>(threadIdx.x) < padding) {
    typename Traits::Stored term[Traits::planes];
    split(static_cast<typename Traits::Real>(threadIdx.x == 0 ? 1 : 0), term);
    for (int p = 0; p < planes; ++p)
      to.X.row(i)[p * to.X.plane + to.columns + static_cast<int>(threadIdx.x)] = term[p];
  }
  if (threadIdx.x == 0) to.labels[i] = from.labels[row * from.label_stride];
  if (i == 0 && threadIdx.x == 0 && start.to != nullptr) {
    *start.to = start.numbers;
    *start.largest = 0;
  }
}

/// Copies 8 bytes at a time.
__global__ void fill(StoredRows own, long long begin, long long count, RowChoice choice,
                     unsigned long long* records) {
  const auto i = static_cast<int>(blockIdx.x);
  const long long row = choice.row(i) - begin;
  const bool mine = 0 <= row && row < count;
  const auto* const from =
      reinterpret_cast<const unsigned long long*>(own.features + (mine ? row : 0) * own.stride);
  const long long words = own.stride / 8;
  unsigned long long* const to = records + i * (words + 1);
  for (long long w = threadIdx.x; w < words; w += threads) to[w] = mine ? from[w] : 0;
  if (threadIdx.x == 0)
    to[words] = mine ? static_cast<unsigned>(own.labels[row * own.label_stride]) : 0U;
}

}  // namespace

template <class Traits>
void take_rows(const ChosenRows& from, const Inputs<Traits>& to, const StepStart<Traits>& start,
               cudaStream_t stream) {
  io::with_feature_type(from.rows.type, [&]<class Feature>(std::type_identity<Feature>) {
    launch(take<Traits, Feature>, {static_cast<unsigned>(from.choice.count)}, threads, 0, stream,
           from.rows, from.choice, to, start);
  });
}

void fill_records(const StoredRows& own, long long begin, long long count, const RowChoice& choice,
                  std::byte* records, cudaStream_t stream) {
  launch(fill, {static_cast<unsigned>(choice.count)}, threads, 0, stream, own, begin, count, choice,
         reinterpret_cast<unsigned long long*>(records));
}

template void take_rows(const ChosenRows&, const Inputs<Mixed>&, const StepStart<Mixed>&,
                        cudaStream_t);
template void take_rows(const ChosenRows&, const Inputs<Float64>&, const StepStart<Float64>&,
                        cudaStream_t);

}  // namespace annmpi::device::cuda::mini_batch
