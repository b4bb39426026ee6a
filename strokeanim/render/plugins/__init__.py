"""Find renderers that are installed, and make new ones."""
