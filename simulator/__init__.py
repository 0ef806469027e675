"""A fleet of simulated machines that use Bearman from outside, as real machines do."""
