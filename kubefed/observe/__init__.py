"""What people and machines see of the process: metrics, events, logs. Never waits for anybody, never shows a secret."""
