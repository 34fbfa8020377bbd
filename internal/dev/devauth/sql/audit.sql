-- Purpose: an entry of the audit log. Parameters: $1 user's id, $2 e-mail,
-- $3 action, $4 kind (account, team, token, user).
INSERT INTO auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
VALUES ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), json_build_object(
          'actor_id', $1::text, 'actor_username', $2::text, 'actor_via_sso', false, 'action', $3::text, 'log_type', $4::text),
        now(), '')
