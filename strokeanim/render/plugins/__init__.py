"""Find installed renderers, and write packages for new ones."""
