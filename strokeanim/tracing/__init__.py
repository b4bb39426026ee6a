"""Turn pictures into strokes."""
