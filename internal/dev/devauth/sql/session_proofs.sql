-- Purpose: how a session's user proved who he is. Parameters: $1 session's id.
-- Columns: level of assurance, proofs, the newest first.
SELECT coalesce(s.aal::text, 'aal1'),
       coalesce((SELECT json_agg(json_build_object('method', c.authentication_method, 'timestamp', extract(epoch FROM c.updated_at)::bigint)
                                 ORDER BY c.updated_at DESC)
                   FROM auth.mfa_amr_claims c WHERE c.session_id = s.id), '[]')
  FROM auth.sessions s WHERE s.id = $1::uuid
