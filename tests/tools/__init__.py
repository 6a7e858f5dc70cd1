"""Programs of others that tests run, built as pinned beside this file, and what runs them."""
