#pragma once

namespace annmpi::trainer {

/// Makes SIGTERM, SIGINT and SIGUSR1 set a flag and do nothing else.
void catch_stop_signals();

/// Whether this process has received such a signal.
[[nodiscard]] bool stop_signal_received();

}  // namespace annmpi::trainer
