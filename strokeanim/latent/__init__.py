"""Latent vectors: paths between them, and the `Codec` that makes and reads them."""
