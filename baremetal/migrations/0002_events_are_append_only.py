"""Events are only ever added: the database itself refuses to change or delete one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION baremetal_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Events of a deployment are append-only.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER baremetal_event_append_only BEFORE UPDATE OR DELETE ON baremetal_baremetalevent
    FOR EACH ROW EXECUTE FUNCTION baremetal_event_is_append_only();
"""
BACKWARD = """
DROP TRIGGER baremetal_event_append_only ON baremetal_baremetalevent;
DROP FUNCTION baremetal_event_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("baremetal", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
