"""What learning events cost: ten million into bronze and through silver, and a day of them on a long history."""
