"""The command line: one file per verb; heavy libraries are imported only when a verb runs."""
