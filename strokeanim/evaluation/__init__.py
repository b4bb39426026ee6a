"""Measure models and their latent spaces, with scikit-learn and matplotlib."""
