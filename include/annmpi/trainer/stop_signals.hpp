#pragma once

namespace annmpi::trainer {

/// Installs handlers for SIGTERM, SIGINT and SIGUSR1 that only set a flag.
void catch_stop_signals();

/// Whether this process has received one of these signals.
[[nodiscard]] bool stop_signal_received();

}  // namespace annmpi::trainer
