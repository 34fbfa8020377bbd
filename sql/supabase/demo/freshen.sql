-- Purpose: the demo's clock. The figures of its last 24 hours are empty
-- a day later, so all of them, and the sample's, move to where they were when
-- they were new. Rows are known by their customers and subjects, or by the
-- sample's keys; others stay. So does a time that would come to lie ahead:
-- somebody wrote it since. Run by: supabase_admin, at each start.

SET LOCAL search_path = public, extensions;
SET LOCAL session_replication_role = replica; -- no trigger is to answer: nothing happened

DO $freshen$
DECLARE
  demo uuid[];
  age  interval;
  days integer;
  item record;
BEGIN
  SELECT array_agg(c.id), now() - interval '20 minutes' - max(c.created_at) INTO demo, age
  FROM conversations AS c JOIN customer_profiles AS p ON p.id = c.customer_id
  WHERE (p.email, c.intent) IN (('ada@example.com', 'order_status'), ('boris@example.com', 'refund'), ('chloe@example.com', 'pricing'),
    ('ada@example.com', 'shipping'), ('chloe@example.com', 'billing'), ('boris@example.com', 'complaint'));
  IF age IS NULL OR age < interval '12 hours' THEN
    RETURN;
  END IF;

  FOR item IN
    SELECT t.name, t.rows, a.attname AS column
    FROM (VALUES
      ('conversations',          'id = ANY ($2)'),
      ('messages',               'conversation_id = ANY ($2)'),
      ('conversation_analytics', 'conversation_id = ANY ($2)'),
      ('security_sessions',      'id::text LIKE ''5eed0001-%'''),
      ('security_incidents',     'id::text LIKE ''5eed0002-%'''),
      ('compliance_results',     'id::text LIKE ''5eed0003-%'''),
      ('business_intelligence',  'id::text LIKE ''5eed0004-%''')
    ) AS t (name, rows)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass('public.' || t.name) AND a.attnum > 0 AND NOT a.attisdropped
    WHERE a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype)
  LOOP
    -- The sample is a little younger than the demo.
    EXECUTE format(CASE item.column
        WHEN 'next_check_due' THEN 'UPDATE %1$I SET %2$I = %2$I + $1 WHERE %3$s'
        ELSE 'UPDATE %1$I SET %2$I = LEAST(%2$I + $1, now()) WHERE %3$s AND %2$I + $1 < now() + interval ''10 minutes''' END,
      item.name, item.column, item.rows) USING age, demo;
  END LOOP;

  -- Days are moved by days, unless somebody counts them anew.
  SELECT current_date - 1 - max(d.date) INTO days FROM daily_metrics AS d
  WHERE d.channel_type = 'all' AND d.department = 'all' AND d.agent_id IS NULL;
  IF days > 0 THEN
    UPDATE daily_metrics SET date = date + days WHERE channel_type = 'all' AND department = 'all' AND agent_id IS NULL;
  END IF;
  IF to_regclass('public.predictive_analytics') IS NOT NULL THEN
    DELETE FROM predictive_analytics WHERE id::text LIKE '5eed0005-%'; -- loaded again with the sample, for the days to come
  END IF;
END
$freshen$;
