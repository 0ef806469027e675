"""What PostgreSQL itself guards about addresses, with nothing but its built-in parts."""

from django.db import migrations

# IPMAN's addresses stand for themselves: an inet with a netmask would compare as another one.
# The checks run in the order of their names; `a_` and `b_` come before those that need them.
FORWARD = """
CREATE TYPE inetrange AS RANGE (subtype = inet);

ALTER TABLE ipman_pool
    ADD CONSTRAINT ipman_pool_a_family CHECK (
        family(first) = family(last) AND (gateway IS NULL OR family(gateway) = family(first))),
    ADD CONSTRAINT ipman_pool_a_prefix CHECK (
        prefix_length BETWEEN 1 AND CASE family(first) WHEN 4 THEN 32 ELSE 128 END),
    ADD CONSTRAINT ipman_pool_a_single CHECK (
        first = host(first)::inet AND last = host(last)::inet
        AND (gateway IS NULL OR gateway = host(gateway)::inet)),
    ADD CONSTRAINT ipman_pool_b_order CHECK (first <= last),
    ADD CONSTRAINT ipman_pool_b_network CHECK (last <<= network(set_masklen(first, prefix_length))),
    ADD CONSTRAINT ipman_pool_b_gateway CHECK (
        gateway IS NULL OR gateway <<= network(set_masklen(first, prefix_length))),
    ADD CONSTRAINT ipman_pool_overlap EXCLUDE USING gist (inetrange(first, last, '[]') WITH &&);

ALTER TABLE ipman_reservedrange
    ADD CONSTRAINT ipman_reservedrange_family CHECK (family(first) = family(last)),
    ADD CONSTRAINT ipman_reservedrange_single CHECK (
        first = host(first)::inet AND last = host(last)::inet),
    ADD CONSTRAINT ipman_reservedrange_order CHECK (first <= last);

ALTER TABLE ipman_address
    ADD CONSTRAINT ipman_address_single CHECK (address = host(address)::inet);
"""
BACKWARD = """
ALTER TABLE ipman_address DROP CONSTRAINT ipman_address_single;
ALTER TABLE ipman_reservedrange
    DROP CONSTRAINT ipman_reservedrange_family,
    DROP CONSTRAINT ipman_reservedrange_single,
    DROP CONSTRAINT ipman_reservedrange_order;
ALTER TABLE ipman_pool
    DROP CONSTRAINT ipman_pool_a_family,
    DROP CONSTRAINT ipman_pool_a_prefix,
    DROP CONSTRAINT ipman_pool_a_single,
    DROP CONSTRAINT ipman_pool_b_order,
    DROP CONSTRAINT ipman_pool_b_network,
    DROP CONSTRAINT ipman_pool_b_gateway,
    DROP CONSTRAINT ipman_pool_overlap;
DROP TYPE inetrange;
"""


class Migration(migrations.Migration):
    dependencies = [("ipman", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
