#include "annmpi/rules/loss.hpp"

#include "annmpi/rules/losses-inl.hpp"

namespace annmpi::rules {

double largest_delta(OutputUnit output) {
  return scalar::with_loss(output, [](auto rule) { return rule.largest_delta(); });
}

}  // namespace annmpi::rules
