-- These are bound to functions below, see functions/.
DROP FUNCTION IF EXISTS public.block_address(inet, integer, text);
DROP FUNCTION IF EXISTS public.unblock_address(inet);
DROP FUNCTION IF EXISTS romashka.block_by_admin(inet, integer, text);
DROP FUNCTION IF EXISTS romashka.unblock_by_admin(inet);
DROP FUNCTION IF EXISTS romashka.block(inet, integer, text, uuid);
DROP FUNCTION IF EXISTS romashka.allowed_network(inet);
DROP TABLE IF EXISTS romashka.responses;
DROP TABLE IF EXISTS romashka.blocked_addresses;
DROP FUNCTION IF EXISTS romashka.tell_blocks();
DROP FUNCTION IF EXISTS romashka.stamp_block();
