"""What people look at: gold as DataFrames, as curves and tables in the terminal, and as a page of charts."""
