"""Articles, attacks, arms and counts of the injection benchmark (`benchmarks/injection.py`)."""
