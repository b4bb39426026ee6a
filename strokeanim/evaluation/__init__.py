"""Measure models, and show latent spaces and quality, with scikit-learn and matplotlib."""
