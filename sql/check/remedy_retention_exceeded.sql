-- Purpose: deletes rows that a declared period lets go, for the categories in
-- which the tenant allows it (auto_delete). It cannot be undone.
-- Parameters: none. Read only: it gives statements and carries none out.
-- Needs: public.data_retention_policies
-- Columns: object, statement, undo.
SELECT 'table public.data_retention_policies' AS object, 'SELECT * FROM public.cleanup_old_analytics_data()' AS statement, '' AS undo
WHERE EXISTS (SELECT FROM public.data_retention_policies WHERE auto_delete) AND to_regprocedure('public.cleanup_old_analytics_data(integer)') IS NOT NULL
