"""Events are only ever added: the database itself refuses to change or delete one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION nodes_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Events of a node are append-only.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER nodes_event_append_only BEFORE UPDATE OR DELETE ON nodes_nodeevent
    FOR EACH ROW EXECUTE FUNCTION nodes_event_is_append_only();
"""
BACKWARD = """
DROP TRIGGER nodes_event_append_only ON nodes_nodeevent;
DROP FUNCTION nodes_event_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("nodes", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
