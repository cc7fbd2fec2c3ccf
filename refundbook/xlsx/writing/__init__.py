"""Rows into a sheet's XML, and all that grows with them."""
