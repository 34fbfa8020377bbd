package cli_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// command is one of romashka's, and its result over poolers.
type command struct {
	args    []string
	session bool   // needs one
	says    string // in its output, if it works
}

// commands change nothing on a database that is migrated.
func commands() []command {
	return []command{
		{args: []string{"migrate", "status"}, says: " 0 to do\n"},
		{args: []string{"migrate", "version"}, says: "2026"},
		{args: []string{"migrate", "plan"}, says: "0 migrations and 0 functions to apply; 0 differences"},
		{args: []string{"policy", "--check"}, says: "cells of ROMASHKA's policy hold"},
		{args: []string{"repair", "base", "--plan"}, says: "repairs to make"},
		{args: []string{"doctor"}, says: "by "},
		{args: []string{"jobs", "list"}, says: "retention"},
		{args: []string{"jobs", "run", "retention"}, says: "retention succeeded"},
		{args: []string{"jobs", "history"}, says: "RESULT"},
		{args: []string{"migrate", "up"}, session: true, says: "the database is at version 2026"},
		{args: []string{"migrate", "down", "1", "--yes"}, session: true, says: "the database is at version 2026"},
		{args: []string{"migrate", "up"}, session: true, says: "the database is at version 2026"},
		{args: []string{"migrate", "force", "20261123000200"}, session: true, says: "the database is at version"},
		{args: []string{"migrate", "up"}, session: true, says: "the database is at version 2026"},
		{args: []string{"repair", "base", "--apply"}, session: true, says: "applied repair"},
		{args: []string{"repair", "base", "--down"}, session: true, says: "taken back repair"},
		{args: []string{"seed", "--demo", "--rows", "2000", "--until", "2026-03-02T15:00:00Z"}, session: true, says: "rows of demo tenant"},
	}
}

// Over a pooler each command works, or is refused at once with the setting and
// the port; neither leaves a lock, a setting or half of a migration.
func TestCommandsOverPoolers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode     string
		sessions int
	}{{"transaction", 1}, {"transaction", 2}, {"transaction", 3}, {"statement", 1}, {"session", 2}} {
		t.Run(fmt.Sprintf("%s, %d", tt.mode, tt.sessions), func(t *testing.T) {
			t.Parallel()
			direct := ownDatabase(t)
			if got := run(t, nil, "migrate", "up", "--db-url", direct); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			pooler := pgtest.PoolerIn(t, tt.mode, direct, tt.sessions)
			before := standing(t, direct)
			for _, c := range commands() {
				refused := tt.mode == "statement" || tt.mode == "transaction" && c.session
				began := time.Now()
				got := run(t, []string{"ROMASHKA_DB_DIRECT_URI=" + pooler}, c.args...)
				took := time.Since(began)
				switch all := got.out + got.errOut; {
				case c.args[0] == "doctor" && tt.mode != "session":
					if !strings.Contains(all, tt.mode+" mode") || !strings.Contains(all, "[direct_connection]") || !strings.Contains(all, "5432") {
						t.Errorf("doctor does not tell of the pooler: %s", all)
					}
				case refused:
					port := "5432"
					if !c.session {
						port = tt.mode + " mode" // another mode will do
					}
					if got.code != 1 || !strings.Contains(got.errOut, "romashka-db-direct-uri") || !strings.Contains(got.errOut, port) || got.out != "" {
						t.Errorf("%v: %+v", c.args, got)
					}
				case !strings.Contains(all, c.says):
					t.Errorf("%v: %+v", c.args, got)
				}
				if refused && took > time.Minute {
					t.Errorf("%v was refused after %s", c.args, took)
				}
				nothingLeft(t, direct, pooler, c.args)
			}
			if after := standing(t, direct); tt.mode != "session" && !slices.Equal(before, after) {
				t.Errorf("the books are %v, want %v", after, before)
			}
		})
	}
}

// standing returns the migrations in the history.
func standing(t *testing.T, url string) []string {
	t.Helper()
	rows, err := pgtest.Conn(t, url).Query(context.Background(), "SELECT version::text FROM romashka.schema_migrations ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// nothingLeft looks for locks, and for settings in sessions that the pooler
// hands to the next client.
func nothingLeft(t *testing.T, direct, pooler string, after []string) {
	t.Helper()
	ctx := context.Background()
	var locks int
	const held = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = current_database()"
	watcher := pgtest.Conn(t, direct)
	if err := watcher.QueryRow(ctx, held).Scan(&locks); err != nil || locks != 0 {
		t.Errorf("%v left %d advisory locks (%v)", after, locks, err)
	}
	const settings = "SELECT name || ' = ' || setting FROM pg_settings WHERE source = 'session' AND name NOT IN " +
		"('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')"
	connect := pgtest.Connector(pooler)
	for range 4 { // sessions
		conn, err := connect(ctx)
		if err != nil {
			t.Fatal(err)
		}
		results, err := conn.PgConn().Exec(ctx, settings).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close(ctx)
		for _, row := range results[0].Rows {
			t.Errorf("%v left %s to others", after, row[0])
		}
	}
}
