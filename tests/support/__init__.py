"""What tests and the benchmark run on: a federation on real API servers, a controller process, audit logs."""
