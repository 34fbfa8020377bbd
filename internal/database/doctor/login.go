package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/sql"
)

const skewLeeway = 30 * time.Second // that tokens are granted, as in PostgREST

// login looks at the connection that requests use, and at its role.
func (e *examination) login(ctx context.Context) {
	if e.URI == "" {
		return
	}
	conn, err := e.connect(ctx, "db-uri", e.URI)
	if err != nil {
		e.add(Finding{
			Rule: "connection", Severity: Critical, Object: "setting db-uri",
			Fault:    "the database cannot be reached",
			Evidence: err.Error(),
			Remedy:   "check host, port, password and that the server lets this machine in",
		})
		e.checked("connection", nil)
		return
	}
	defer service.Close(ctx, conn.Conn)
	if conn.keeps < service.Transaction {
		refused := &service.PoolerError{Setting: "db-uri", Need: service.Transaction, Keeps: conn.keeps}
		e.add(Finding{
			Rule: "connection", Severity: Error, Object: "setting db-uri",
			Fault:    "the API connects through a pooler that takes no transactions: the schema cache cannot be loaded",
			Evidence: "BEGIN is refused",
			Remedy:   "give the address of the server itself, or of a pooler in transaction or session mode",
		})
		e.checked("connection", nil)
		e.checked("login", refused)
		return
	}
	e.checked("connection", e.checkConnection(ctx, conn))
	e.checked("clock", e.checkClock(ctx, conn.Conn))
	e.checked("login", e.checkLogin(ctx, conn.Conn))
}

func (e *examination) checkConnection(ctx context.Context, conn *way) error {
	behind := conn.keeps < service.Session
	if behind && e.PreparedStatements {
		e.add(Finding{
			Rule: "connection", Severity: Warning, Object: "setting db-prepared-statements",
			Fault:    "the API connects through a pooler with prepared statements on",
			Evidence: "the server process is not the one that was connected to",
			Remedy:   "keep them with PgBouncer 1.21 or newer and max_prepared_statements > 0, else set db-prepared-statements=false",
		})
	}
	e.checkEncryption(conn.Conn)
	var free int
	err := conn.QueryRow(ctx, "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int").Scan(&free)
	if err != nil {
		return fmt.Errorf("ask for connection limits: %w", err)
	}
	if e.Pool > free && !behind {
		e.add(Finding{
			Rule: "connection", Severity: Error, Object: "setting db-pool",
			Fault:    "the pool is larger than what the server takes",
			Evidence: fmt.Sprintf("db-pool %d, server %d", e.Pool, free),
			Remedy:   fmt.Sprintf("set db-pool to %d or less", max(1, free/2)),
		})
	}
	return nil
}

func (e *examination) checkEncryption(conn *pgx.Conn) {
	if _, encrypted := conn.PgConn().Conn().(*tls.Conn); encrypted {
		return
	}
	host := conn.Config().Host
	ip := net.ParseIP(host)
	if strings.HasPrefix(host, "/") || host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsPrivate()) {
		return
	}
	e.add(Finding{
		Rule: "connection", Severity: Error, Object: "setting db-uri",
		Fault:    "passwords and rows cross the network in the clear",
		Evidence: "no TLS to " + host,
		Remedy:   "add sslmode=verify-full, or at least sslmode=require",
	})
}

// checkClock compares the clocks: a token is judged here, rows are dated there.
func (e *examination) checkClock(ctx context.Context, conn *pgx.Conn) error {
	var there time.Time
	before := e.Clock()
	if err := conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&there); err != nil {
		return fmt.Errorf("ask for the time: %w", err)
	}
	after := e.Clock()
	skew := there.Sub(before.Add(after.Sub(before) / 2)).Abs()
	severity := Warning
	if skew > skewLeeway {
		severity = Error
	}
	if skew > 5*time.Second {
		e.add(Finding{
			Rule: "clock", Severity: severity, Object: "clock",
			Fault:    "this machine and the database disagree about the time",
			Evidence: skew.Round(time.Millisecond).String() + " apart",
			Remedy:   "let both follow NTP",
		})
	}
	return nil
}

// loginRow is a row of login.sql.
type loginRow struct {
	Name                                                      string
	Super, Bypass, Createrole, Createdb, Replicates, Inherits bool
	Becomes                                                   []string
	Owns                                                      int
}

func (e *examination) checkLogin(ctx context.Context, conn *pgx.Conn) error {
	role, err := e.loginRole(ctx, conn, "")
	if err != nil {
		return err
	}
	e.judgePower(role)
	for _, name := range []string{e.AnonRole, "authenticated", "service_role"} {
		e.tryRole(ctx, conn, role.Name, name)
	}
	return nil
}

// loginRole reads a role, "" for the one of the connection.
func (e *examination) loginRole(ctx context.Context, conn *pgx.Conn, name string) (loginRow, error) {
	text, err := sql.Doctor.ReadFile("doctor/login.sql")
	if err != nil {
		return loginRow{}, fmt.Errorf("read login.sql: %w", err)
	}
	rows, err := conn.Query(ctx, string(text), e.Schemas, name)
	if err != nil {
		return loginRow{}, fmt.Errorf("look at the login: %w", err)
	}
	role, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[loginRow])
	if err != nil {
		return loginRow{}, fmt.Errorf("look at the login: %w", err)
	}
	return role, nil
}

// checkAuthenticator looks at Supabase's login from outside of it, where db-uri
// is not known.
func (e *examination) checkAuthenticator(ctx context.Context, conn *pgx.Conn) error {
	role, err := e.loginRole(ctx, conn, "authenticator")
	if errors.Is(err, pgx.ErrNoRows) {
		return errors.New("db-uri is not given, and there is no role authenticator: how the API logs in is not known")
	}
	if err != nil {
		return err
	}
	e.judgePower(role)
	for _, name := range []string{e.AnonRole, "authenticated", "service_role"} {
		if !slices.Contains(role.Becomes, name) {
			e.add(Finding{
				Rule: "login", Severity: Critical, Object: "role authenticator",
				Fault:    "cannot become " + name + ": such requests fail",
				Evidence: "it is no member",
				Remedy:   fmt.Sprintf("GRANT %s TO authenticator;", name),
			})
		}
	}
	return nil
}

// judgePower names rights of the login that an API's login must not have: each
// request starts as this role, and a bug in a pre-request or a RESET ROLE in a
// function comes back to it.
func (e *examination) judgePower(role loginRow) {
	object := "role " + role.Name
	var powers []string
	for _, p := range []struct {
		has  bool
		name string
	}{
		{role.Super, "SUPERUSER"}, {role.Bypass, "BYPASSRLS"}, {role.Createrole, "CREATEROLE"}, {role.Createdb, "CREATEDB"}, {role.Replicates, "REPLICATION"},
	} {
		if p.has {
			powers = append(powers, p.name)
		}
	}
	const remedy = "log in as authenticator: CREATE ROLE authenticator LOGIN NOINHERIT; GRANT anon, authenticated, service_role TO authenticator;"
	if len(powers) > 0 {
		e.add(Finding{
			Rule: "login", Severity: Error, Object: object,
			Fault:    "the API logs in as a role that may do more than become others",
			Evidence: strings.Join(powers, ", "),
			Remedy:   remedy,
		})
	}
	if role.Owns > 0 {
		e.add(Finding{
			Rule: "login", Severity: Error, Object: object,
			Fault:    "the API logs in as the owner of what it serves: row level security does not hold for it",
			Evidence: fmt.Sprintf("owns %d relations", role.Owns),
			Remedy:   remedy,
		})
	}
	if role.Inherits && len(role.Becomes) > 0 && !role.Super {
		e.add(Finding{
			Rule: "login", Severity: Warning, Object: object,
			Fault:    "the login has the rights of all its roles at once",
			Evidence: "INHERIT, member of " + strings.Join(role.Becomes, ", "),
			Remedy:   fmt.Sprintf("ALTER ROLE %s NOINHERIT;", role.Name),
		})
	}
	others := slices.DeleteFunc(slices.Clone(role.Becomes), func(name string) bool {
		return slices.Contains([]string{e.AnonRole, "authenticated", "service_role"}, name)
	})
	if len(others) > 0 && !role.Super {
		e.add(Finding{
			Rule: "login", Severity: Info, Object: object,
			Fault:    "a token can name more roles than the API has",
			Evidence: strings.Join(others, ", "),
			Remedy:   fmt.Sprintf("REVOKE %s FROM %s; -- unless the API uses them", strings.Join(others, ", "), role.Name),
		})
	}
}

// tryRole becomes name, as each of its requests does.
func (e *examination) tryRole(ctx context.Context, conn *pgx.Conn, login, name string) {
	tx, err := conn.Begin(ctx)
	if err == nil {
		_, err = tx.Exec(ctx, "SELECT set_config('role', $1, true)", name)
		_ = tx.Rollback(context.WithoutCancel(ctx))
	}
	if err != nil {
		e.add(Finding{
			Rule: "login", Severity: Critical, Object: "role " + login,
			Fault:    "cannot become " + name + ": such requests fail",
			Evidence: err.Error(),
			Remedy:   fmt.Sprintf("GRANT %s TO %s;", name, login),
		})
	}
}
