"""Models of what stands in a street: buildings, plants, lamps, lights, signs and furniture."""
