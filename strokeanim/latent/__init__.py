"""Interpolate between latents, and define the `Codec` that encodes and decodes them."""
