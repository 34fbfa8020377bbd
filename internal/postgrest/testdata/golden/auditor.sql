-- A role with settings and an isolation level of its own. Roles belong to the
-- whole server, so it may be there already.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'golden_auditor') THEN
    CREATE ROLE golden_auditor NOLOGIN;
    ALTER ROLE golden_auditor SET default_transaction_isolation = 'repeatable read';
    ALTER ROLE golden_auditor SET statement_timeout = '20s';
    GRANT golden_auditor TO authenticator;
  END IF;
END $$;
GRANT USAGE ON SCHEMA cinema TO golden_auditor;
GRANT SELECT ON cinema.halls TO golden_auditor;
