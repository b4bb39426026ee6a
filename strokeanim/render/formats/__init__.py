"""Write animations, with one module per format."""
