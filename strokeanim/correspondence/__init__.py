"""Match and track the strokes of drawings without a model."""
