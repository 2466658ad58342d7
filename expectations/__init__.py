"""What must hold of each layer, and the checkpoint that asks; importing it does not import Great Expectations."""
