-- function: romashka.partition_abort()
-- Purpose: takes back what partition_begin() did, if partition_swap() did not follow, or
--   partition_undo_begin(), if partition_undo_swap() did not.
-- Rows: whether there was anything to take back.
-- Locks: ACCESS EXCLUSIVE on the log, for moments, if so.
-- Who: the owner, by `romashka migrate partition --abort` and the job partitions.
CREATE OR REPLACE FUNCTION romashka.partition_abort()
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  begun boolean;
BEGIN
  begun := EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = 'public.api_security_logs'::regclass AND k.conname = 'romashka_past');
  IF begun THEN
    LOCK TABLE public.api_security_logs IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE public.api_security_logs DROP CONSTRAINT IF EXISTS romashka_past;
  END IF;
  IF pg_catalog.to_regclass('romashka.api_security_logs_aside') IS NOT NULL THEN
    PERFORM romashka.return_aside();
    RETURN true;
  END IF;
  IF pg_catalog.to_regclass('romashka.api_security_logs_whole') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_mirror ON public.api_security_logs;
    DROP TRIGGER IF EXISTS romashka_mirror_emptied ON public.api_security_logs;
    DROP TABLE romashka.api_security_logs_whole;
    RETURN true;
  END IF;
  RETURN begun;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_abort() FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_abort() IS 'Takes back what partition_begin() or partition_undo_begin() did';
