"""Makes what is made: figures, the page of commands, the picture of the house."""
