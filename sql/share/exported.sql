-- Purpose: how an export went.
-- Parameters: $1 uuid of export_jobs, $2 text file_url or '', $3 bigint bytes, $4 text error or '' .
-- Run by: the role of romashka-db-background-uri.
UPDATE public.export_jobs SET status = CASE WHEN $2::text = '' THEN 'failed' ELSE 'completed' END, file_url = NULLIF($2::text, ''),
  file_size_bytes = CASE WHEN $2::text <> '' THEN $3::bigint END, error_message = NULLIF($4::text, ''), completed_at = clock_timestamp()
WHERE id = $1
