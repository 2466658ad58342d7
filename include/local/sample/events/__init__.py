"""The sample's learning events: what students, and a few others, do in the district's learning products."""
