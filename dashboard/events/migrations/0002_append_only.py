"""The log refuses to be rewritten, whoever asks: rows are only ever added. Bodies may be erased; their hashes stay."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION events_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The event log is append-only: % is refused.', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_refuse_rewriting();
"""
ALLOW = """
DROP TRIGGER events_are_append_only ON events_event;
DROP FUNCTION events_refuse_rewriting();
"""
# A bulk command's event names what it touched in data["ids"]; timelines find it by one of them.
INDEX_IDS = """
CREATE INDEX event_by_touched_id ON events_event USING gin ((data -> 'ids') jsonb_path_ops) WHERE data ? 'ids';
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunSQL(INDEX_IDS, "DROP INDEX event_by_touched_id;"),
    ]
