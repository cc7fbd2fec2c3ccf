"""The version, for those who need it without the package's public names."""

__version__ = "0.2.0"
