"""Trace the strokes of pictures without a model."""
