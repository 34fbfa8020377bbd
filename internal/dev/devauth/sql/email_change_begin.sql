-- Purpose: the address that a user wants to have, until he shows that it is
-- his. Parameters: $1 id, $2 e-mail.
UPDATE auth.users
   SET email_change = lower($2::text), email_change_sent_at = now(), email_change_confirm_status = 0, updated_at = now()
 WHERE id = $1::uuid
