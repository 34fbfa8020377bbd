package service

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// connectTimeout bounds one attempt to connect where nobody gave another limit.
const connectTimeout = 5 * time.Second

// Prepare sets the parameters that each connection of ours needs, those of a pool included,
// in a configuration that was read from a connection string. name becomes the
// application_name where the string has none.
//
// UTF-8 is asked for at the start of the session, which wins over the settings of
// database and role, and which poolers keep apart for each client.
// Parameters that other tools put into their connection strings are taken out,
// since a server refuses those that it does not know: ignored are their names,
// sorted. pooler reports that one of them said that there is one:
// pgbouncer=true, as Supabase shows it for Prisma.
func Prepare(c *pgx.ConnConfig, name string) (ignored []string, pooler bool) {
	fallback := name
	for key, value := range c.RuntimeParams {
		switch lower := strings.ToLower(key); {
		case foreign[lower], strings.HasPrefix(lower, "pool_"):
			ignored = append(ignored, lower)
			pooler = pooler || lower == "pgbouncer" && (value == "" || value == "1" || strings.EqualFold(value, "true"))
		case lower == "fallback_application_name":
			fallback = cmp.Or(value, fallback)
		case lower != "client_encoding" && lower != "standard_conforming_strings":
			continue
		}
		delete(c.RuntimeParams, key)
	}
	c.RuntimeParams["client_encoding"] = "UTF8"
	// Texts of ours hold backslashes that are to be taken as they are.
	c.RuntimeParams["standard_conforming_strings"] = "on"
	c.RuntimeParams["application_name"] = cmp.Or(c.RuntimeParams["application_name"], fallback)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, connectTimeout)
	slices.Sort(ignored)
	return ignored, pooler
}

// foreign are parameters of connection strings that other programs read and
// that no server knows, in lower case, beside those that begin with pool_.
// Those that ask for protection (ssl, sslaccept) are not among them: to ignore
// one would take it away. Read-only.
// Source: PostgreSQL 18, "Parameter Key Words"; Prisma, "PostgreSQL connection
// URL"; JDBC, Rails, node-postgres and Supabase's own samples.
var foreign = map[string]bool{
	// libpq's, without effect on where and how it is connected.
	"keepalives": true, "keepalives_idle": true, "keepalives_interval": true, "keepalives_count": true, "tcp_user_timeout": true,
	"gssencmode": true, "sslcompression": true, "load_balance_hosts": true,
	// Prisma; Vercel.
	"pgbouncer": true, "connection_limit": true, "schema": true, "socket_timeout": true, "statement_cache_size": true,
	"single_use_connections": true, "max_connection_lifetime": true, "max_idle_connection_lifetime": true, "supa": true, "workaround": true,
	// JDBC.
	"preparethreshold": true, "preparedstatementcachequeries": true, "preparedstatementcachesizemib": true, "currentschema": true,
	"rewritebatchedinserts": true, "logintimeout": true, "sockettimeout": true, "tcpkeepalive": true, "applicationname": true,
	// node-postgres, postgres.js, asyncpg, SQLAlchemy, Rails, lib/pq.
	"max": true, "idletimeoutmillis": true, "connectiontimeoutmillis": true, "query_timeout": true, "keepalive": true,
	"uselibpqcompat": true, "prepare": true, "prepared_statement_cache_size": true, "max_cached_statement_lifetime": true,
	"command_timeout": true, "pool": true, "prepared_statements": true, "checkout_timeout": true, "binary_parameters": true, "encoding": true,
}

// Encoded returns an error that names the wrong encoding of a connection that was
// made: a pooler may ignore the one asked for, and the bytes of another encoding
// would be taken for UTF-8 in silence.
func Encoded(status func(parameter string) string) error {
	if got := status("client_encoding"); got != "" && got != "UTF8" {
		return fmt.Errorf("the session's client_encoding is %s, not UTF8: what stands between ignores what is asked for; "+
			"connect to the server itself, or let the pooler pass client_encoding on", got)
	}
	return nil
}

// WithoutEncoding reports whether the database of a connection has no encoding:
// it stores bytes as they come, and neither checks nor converts those of others.
func WithoutEncoding(status func(parameter string) string) bool {
	return status("server_encoding") == "SQL_ASCII"
}
