"""Write animations: one module per format."""
