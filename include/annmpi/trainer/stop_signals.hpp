#pragma once

namespace annmpi::trainer {

/// From now on SIGTERM, SIGINT and SIGUSR1 set a flag and do nothing else.
void catch_stop_signals();

/// Whether this process has received one of them.
[[nodiscard]] bool stop_signal_received();

}  // namespace annmpi::trainer
