"""What a payment gateway asks for in a dispute."""
