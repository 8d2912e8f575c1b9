"""What it costs: figures that are ratios in one run, each by one command; docs/benchmarks.md has them."""
