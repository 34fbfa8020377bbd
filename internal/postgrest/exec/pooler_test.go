package exec_test

import (
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// pooled returns an executor with one connection to a pooler.
func pooled(t *testing.T, url string, o exec.Options) *exec.Executor {
	t.Helper()
	e, err := exec.New(newPool(t, url, 1), o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestOthersPrepareAnew: behind a pooler a statement may have been made again
// by another connection since this one read its columns.
func TestOthersPrepareAnew(t *testing.T) {
	t.Parallel()
	for _, column := range []struct{ typ, value, want string }{
		{"text", "'no. ' || id", `[{"id":"no. 1"}]`},
		{"bool", "true", `[{"id":true}]`},
		{"numeric", "'NaN'", `[{"id":"NaN"}]`},
		{"jsonb", "'{}'", `[{"id":{}}]`},
	} {
		t.Run(column.typ, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			admin := pgtest.Conn(t, url)
			if _, err := admin.Exec(t.Context(), "CREATE TABLE t (id int); INSERT INTO t VALUES (1)"); err != nil {
				t.Fatal(err)
			}
			pooler := pgtest.Pooler(t, url, 1)
			one, other := pooled(t, pooler, exec.Options{Prepared: true}), pooled(t, pooler, exec.Options{Prepared: true})
			read := script(query.Tx{ReadOnly: true}, statement("SELECT id FROM t", 1), statement("SELECT 1", 1))
			read.Main[0].Assemble, read.Light = true, true
			for range 8 { // each learns of one statement at a time that the session has
				mustRun(t, one, read)
				mustRun(t, other, read)
			}
			if _, err := admin.Exec(t.Context(), "ALTER TABLE t ALTER id TYPE "+column.typ+" USING "+column.value); err != nil {
				t.Fatal(err)
			}
			for range 3 { // it is refused once, and made again
				mustRun(t, one, read)
			}
			if got := string(mustRun(t, other, read)[0].JSON); got != column.want {
				t.Errorf("got %s, want %s", got, column.want)
			}
		})
	}
}

// TestRepeatedWithoutNames: a statement that is repeated for another reason
// trusts no statement of the next session either.
func TestRepeatedWithoutNames(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	admin := pgtest.Conn(t, url)
	e, err := exec.New(newPool(t, pgtest.Pooler(t, url, 1), 2), exec.Options{Prepared: true})
	if err != nil {
		t.Fatal(err)
	}
	read := script(query.Tx{ReadOnly: true}, statement("SELECT pg_advisory_xact_lock_shared(5)", 1))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for range 30 {
				if _, err := e.Run(t.Context(), read, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	if _, err := admin.Exec(t.Context(), "SELECT pg_advisory_lock(5)"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := e.Run(t.Context(), read, nil)
		ended <- err
	}()
	for killed := 0; killed == 0; {
		if err := admin.QueryRow(t.Context(), "SELECT count(pg_terminate_backend(pid)) FROM pg_locks "+
			"WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Scan(&killed); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := admin.Exec(t.Context(), "SELECT pg_advisory_unlock(5)"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestRefusalsOfPoolers: no message of a pooler is passed on as the database's,
// in any language.
func TestRefusalsOfPoolers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		refusal pgproto3.ErrorResponse
		code    string
	}{
		{pgproto3.ErrorResponse{Severity: "FATAL", Code: "XX000", Message: "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 15000ms in Transaction mode"}, "PGRST003"},
		{pgproto3.ErrorResponse{Severity: "FATAL", Code: "XX000", Message: "(EMAXCONNSESSION) max clients reached in session mode"}, "PGRST003"},
		{pgproto3.ErrorResponse{Severity: "FATAL", Code: "XX000", Message: "Max client connections reached"}, "PGRST003"},
		{pgproto3.ErrorResponse{Severity: "FATAL", Code: "XX000", Message: "(EDBHANDLEREXITED) connection to database closed"}, "PGRST001"},
		{pgproto3.ErrorResponse{Severity: "FATAL", Code: "08P01", Message: "query_wait_timeout"}, "PGRST003"},
		{pgproto3.ErrorResponse{Severity: "FATAL", Code: "08P01", Message: "server conn crashed?"}, "PGRST001"},
		{pgproto3.ErrorResponse{Severity: "ВАЖНО", SeverityUnlocalized: "FATAL", Code: "57P01", Message: "закрытие подключения"}, "PGRST001"},
		{pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: "XX000", Message: "max clients reached"}, "XX000"},
	} {
		t.Run(tt.refusal.Message, func(t *testing.T) {
			t.Parallel()
			e := pooled(t, "postgres://any@"+refusing(t, &tt.refusal)+"/any?sslmode=disable", exec.Options{Pooled: true})
			for _, readOnly := range []bool{true, false} {
				_, err := e.Run(t.Context(), script(query.Tx{ReadOnly: readOnly}, statement("SELECT 1", 1)), nil)
				if code(err) != tt.code {
					t.Errorf("read only %t: %v, want %s", readOnly, err, tt.code)
				}
			}
		})
	}
}

// refusing accepts every login and answers each query with one error.
func refusing(t *testing.T, refusal *pgproto3.ErrorResponse) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go refuse(conn, refusal)
		}
	}()
	return listener.Addr().String()
}

func refuse(conn net.Conn, refusal *pgproto3.ErrorResponse) {
	defer func() { _ = conn.Close() }()
	server := pgproto3.NewBackend(conn, conn)
	if _, err := server.ReceiveStartupMessage(); err != nil {
		return
	}
	server.Send(&pgproto3.AuthenticationOk{})
	server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	for server.Flush() == nil {
		message, err := server.Receive()
		if err != nil {
			return
		}
		if _, last := message.(*pgproto3.Sync); !last {
			continue
		}
		server.Send(refusal)
		if refusal.Severity != "ERROR" {
			_ = server.Flush()
			return
		}
		server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	}
}
