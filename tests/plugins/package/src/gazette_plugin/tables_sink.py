"""A sink that needs an extra of this package that is not installed."""

import gazette_tables  # noqa: F401
