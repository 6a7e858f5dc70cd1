"""What the Helm chart takes from tables of this project instead of stating it again: CRDs, default types, rights."""
