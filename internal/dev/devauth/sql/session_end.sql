-- Purpose: sign a user out. Parameters: $1 his id, $2 the session he asks
-- from ('' = none), $3 scope: global (all), local (that one), others. Without
-- a session the scope is global.
DELETE FROM auth.sessions
 WHERE user_id = $1::uuid
   AND CASE
         WHEN $2::text = '' OR $3::text = 'global' THEN true
         WHEN $3::text = 'local' THEN id::text = $2::text
         ELSE id::text <> $2::text
       END
