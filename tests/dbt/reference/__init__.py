"""Silver and gold once more: plain Python without SQL, day by day and record by record, as their definitions read.

It takes bronze as lists of rows and gives silver and gold as lists of rows with the columns of the models. It is slow
and must stay obvious: what it shares with the models would not be tested by it.
"""
