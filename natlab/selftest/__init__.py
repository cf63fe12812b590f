"""The laboratory's own tests: `python3 -B -m unittest discover -s natlab -t natlab` (root, or in natlab-rootless)."""
