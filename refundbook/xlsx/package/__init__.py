"""The zip, its parts, and splicing their XML."""
