"""A plug-in for communique: one of each kind."""
