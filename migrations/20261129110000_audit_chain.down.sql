-- A checkpoint behind which retention has cut is evidence that nothing else has.
DO $check$
BEGIN
  IF EXISTS (SELECT FROM romashka.audit_checkpoints WHERE cut_at IS NOT NULL) THEN
    PERFORM romashka.refuse_rows('romashka.audit_checkpoints');
  END IF;
END
$check$;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.security_incident_timeline;
DROP TRIGGER IF EXISTS romashka_trail ON public.security_incident_timeline;
DROP TRIGGER IF EXISTS romashka_queue_audit_line ON public.security_audit_logs;
DROP FUNCTION IF EXISTS romashka.queue_audit_line();
DROP FUNCTION IF EXISTS romashka.audit_body(public.security_audit_logs);
DROP FUNCTION IF EXISTS romashka.audit_personal(public.security_audit_logs);
DROP FUNCTION IF EXISTS romashka.audit_hash(bytea, bigint, uuid, bytea, bytea);
DROP FUNCTION IF EXISTS romashka.audit_start();
DROP TABLE IF EXISTS romashka.audit_queue;
DROP TABLE IF EXISTS romashka.audit_chain;
DROP TABLE IF EXISTS romashka.audit_checkpoints;
DROP TABLE IF EXISTS romashka.audit_position;
