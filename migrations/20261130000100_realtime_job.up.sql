-- Broadcasts from SQL stayed in realtime.messages for ever where no server of
-- Supabase's drops its partitions: in dev, and beside a Realtime of the sidecar's.
INSERT INTO romashka.jobs (name, every, function) VALUES ('realtime', '1 hour', 'job_realtime') ON CONFLICT (name) DO NOTHING;
