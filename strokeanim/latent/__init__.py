"""Latent vectors: paths between latents, and the `Codec` that makes and reads them."""
