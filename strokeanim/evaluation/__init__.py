"""Views of the latent space and of quality, with scikit-learn and matplotlib."""
