"""What stands in a sheet's cells."""
