-- Purpose: queues of jobs that nobody has emptied for a day.
-- Parameters: none. Read only.
-- Needs: romashka.queues, romashka.kpi_changes, romashka.text_queue
SELECT 'warning' AS severity,
       format('queue %s', q.name) AS object,
       'romashka.queues' AS relation,
       CASE WHEN q.noting THEN 'every message adds to it, and nobody empties it' ELSE 'nobody empties it' END AS fault,
       format('%s%s rows, read %s', LEAST(w.n, 10000), CASE WHEN w.n > 10000 THEN ' or more' END, COALESCE(date_trunc('minute', q.read_at)::text, 'never')) AS evidence,
       format('romashka jobs run %s # each time: set romashka-jobs; after seven days nothing is added, and the next run reads all rows', q.name) AS remedy
FROM romashka.queues AS q
CROSS JOIN LATERAL (
  SELECT CASE q.name WHEN 'kpi' THEN (SELECT count(*) FROM (SELECT FROM romashka.kpi_changes LIMIT 10001) AS c)
                     WHEN 'text' THEN (SELECT count(*) FROM (SELECT FROM romashka.text_queue LIMIT 10001) AS c) END AS n
) AS w
WHERE (q.read_at > now() - interval '1 day') IS NOT TRUE AND (q.noting OR w.n > 0)
