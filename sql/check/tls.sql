-- Purpose: whether connections to the server are, or could be, in the clear.
-- Parameters: none. Read only. Of other sessions only members of pg_monitor see
-- the address.
SELECT 'error' AS severity, 'setting ssl' AS object, '' AS relation, 'the server takes no connection over TLS' AS fault,
       'ssl is off' AS evidence, 'ALTER SYSTEM SET ssl = on; -- with server.crt and server.key in the data directory; SELECT pg_reload_conf();' AS remedy
WHERE current_setting('ssl') <> 'on'
UNION ALL
SELECT 'error', 'setting ssl_min_protocol_version', '', 'the server takes versions of TLS that are broken',
       'ssl_min_protocol_version is ' || COALESCE(NULLIF(current_setting('ssl_min_protocol_version'), ''), 'not set'),
       'ALTER SYSTEM SET ssl_min_protocol_version = ''TLSv1.2''; SELECT pg_reload_conf();'
WHERE current_setting('ssl') = 'on' AND current_setting('ssl_min_protocol_version') NOT IN ('TLSv1.2', 'TLSv1.3')
UNION ALL
SELECT 'warning', 'view pg_stat_ssl', '', 'clients from other networks are connected without TLS',
       format('%s of %s connections from public addresses', count(*) FILTER (WHERE NOT s.ssl), count(*)),
       'ALTER ROLE ... -- have them connect with sslmode=verify-full; in pg_hba.conf write hostssl in place of host'
FROM pg_catalog.pg_stat_ssl AS s
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = s.pid
WHERE a.client_addr IS NOT NULL
  AND NOT a.client_addr <<= ANY ('{127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,100.64.0.0/10,::1/128,fc00::/7,fe80::/10}'::inet[])
HAVING count(*) FILTER (WHERE NOT s.ssl) > 0
