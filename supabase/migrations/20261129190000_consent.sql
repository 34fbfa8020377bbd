-- Written by `make generate` from migrations/20261129190000_consent.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129190000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- A consent that was withdrawn changed a row of data_consent and nothing else: the
-- person's data was read as before. A tenant now says of a table for which purpose
-- it needs consent (romashka.require_consent), and rows of a person without it are
-- out of reach of every role of the API, from the moment of the withdrawal on.
--
-- has_consent reports whether a person (a customer's or a user's id) consents to a
-- purpose now: a type of consent or the purpose that a row names. It was given, has
-- not run out, and nothing was withdrawn or refused since: a withdrawal counts for
-- every consent before it, whichever row it stands in. Other legal bases are no consent.
-- It runs with its owner's rights, since a reader may not see consents; only a
-- policy can call it for those who may not use the schema.
CREATE OR REPLACE FUNCTION romashka.has_consent(person uuid, purpose text)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  WITH said AS (
    SELECT c.consent_given, c.legal_basis, c.created_at, c.expiry_date, c.withdrawal_date,
           COALESCE(c.withdrawal_date, CASE WHEN NOT c.consent_given THEN c.updated_at END) AS ended_at
    FROM public.data_consent AS c
    WHERE (c.customer_id = $1 OR c.user_id = $1) AND $2 IN (c.consent_type, c.purpose)
  )
  SELECT EXISTS (
    SELECT FROM said AS g
    WHERE g.consent_given AND g.legal_basis = 'consent' AND (g.expiry_date IS NULL OR g.expiry_date > pg_catalog.now())
      AND (g.withdrawal_date IS NULL OR g.withdrawal_date > pg_catalog.now())
      AND NOT EXISTS (SELECT FROM said AS w WHERE w.ended_at >= g.created_at AND w.ended_at <= pg_catalog.now()))
$$;
REVOKE ALL ON FUNCTION romashka.has_consent(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.has_consent(uuid, text) TO anon, authenticated, service_role;
COMMENT ON FUNCTION romashka.has_consent(uuid, text) IS 'Reports whether a person (customer or user) consents to a purpose now';

-- require_consent marks a table: rows whose column refers to a person are read and
-- written only while he consents to the purpose, by himself alone otherwise. A row
-- without a person is nobody's and stays. It makes a restrictive policy, which only
-- the table's owner may, and writes a line of the trail. Twice is once.
CREATE OR REPLACE FUNCTION romashka.require_consent(target regclass, person name, purpose text)
RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  part record;
  policy CONSTANT text := 'Consent to ' || purpose;
BEGIN
  IF COALESCE(purpose, '') = '' OR pg_catalog.octet_length(policy) > 63 THEN
    RAISE EXCEPTION 'purpose "%" is not one of 1 to 52 bytes', purpose USING ERRCODE = '22023';
  ELSIF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = target AND c.relkind IN ('r', 'p')) THEN
    RAISE EXCEPTION '% is no table', target USING ERRCODE = '42809', HINT = 'Of a view, mark the tables that it reads, and set security_invoker.';
  ELSIF NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = target AND a.attname = person AND a.atttypid = 'uuid'::pg_catalog.regtype AND a.attnum > 0 AND NOT a.attisdropped) THEN
    RAISE EXCEPTION '% has no column "%" of type uuid', target, person USING ERRCODE = '42703', HINT = 'Name the column that refers to the customer or user.';
  END IF;
  FOR part IN
    SELECT c.oid::pg_catalog.regclass AS relation, c.relrowsecurity AS guarded
    FROM pg_catalog.pg_class AS c
    WHERE c.oid = target OR c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(target) AS t)
  LOOP
    IF NOT part.guarded THEN
      RAISE EXCEPTION 'row level security of % is off: no policy holds there', part.relation
        USING ERRCODE = '55000', HINT = pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY; with a policy for each thing that users may do', part.relation);
    END IF;
    EXECUTE pg_catalog.format('DROP POLICY IF EXISTS %I ON %s', policy, part.relation);
    EXECUTE pg_catalog.format('CREATE POLICY %I ON %s AS RESTRICTIVE USING (%I IS NULL OR %3$I = (SELECT auth.uid()) OR romashka.has_consent(%3$I, %L))',
      policy, part.relation, person, purpose);
  END LOOP;
  INSERT INTO public.security_audit_logs (event_type, resource_type, resource_id, action, new_values)
  VALUES ('consent_requirement', target::text, NULL, 'create', pg_catalog.jsonb_build_object('column', person, 'purpose', purpose));
END
$$;
REVOKE ALL ON FUNCTION romashka.require_consent(regclass, name, text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.require_consent(regclass, name, text) IS 'Puts rows of persons who do not consent to a purpose out of reach of the API; for the table''s owner';

-- release_consent takes the mark back.
CREATE OR REPLACE FUNCTION romashka.release_consent(target regclass, purpose text)
RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  part record;
BEGIN
  FOR part IN
    SELECT p.polrelid::pg_catalog.regclass AS relation, p.polname AS policy FROM pg_catalog.pg_policy AS p
    WHERE p.polname = 'Consent to ' || purpose AND NOT p.polpermissive
      AND (p.polrelid = target OR p.polrelid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(target) AS t))
  LOOP
    EXECUTE pg_catalog.format('DROP POLICY %I ON %s', part.policy, part.relation);
  END LOOP;
  IF NOT FOUND THEN
    RAISE EXCEPTION '% needs no consent to %', target, purpose USING ERRCODE = '42704';
  END IF;
  INSERT INTO public.security_audit_logs (event_type, resource_type, resource_id, action, old_values)
  VALUES ('consent_requirement', target::text, NULL, 'delete', pg_catalog.jsonb_build_object('purpose', purpose));
END
$$;
REVOKE ALL ON FUNCTION romashka.release_consent(regclass, text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.release_consent(regclass, text) IS 'Takes back what require_consent marked; for the table''s owner';
DO $grant$
DECLARE
  project CONSTANT regrole := (SELECT c.relowner::regrole FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.profiles'::regclass);
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION romashka.require_consent(regclass, name, text), romashka.release_consent(regclass, text) TO %s', project);
END
$grant$;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129190000, 'consent', 'eaad35a1b996157754093f6ac91b5f0c1fbcc6bc5952a826ab8fb0d303738f36', now());
END
$romashka$;
