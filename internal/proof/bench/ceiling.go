package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// ceiling turns requests into the scripts with which pgbench sends the
// statements that the server sends for them.
type ceiling struct {
	cache *schemacache.Cache
}

// benchSchema is the only one exposed; it is the extra search path, too.
const benchSchema = "public"

func newCeiling(ctx context.Context, dbURL string) (*ceiling, error) {
	connect := func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, dbURL) }
	cache, err := catalog.Load(ctx, connect, catalog.Options{Schemas: []string{benchSchema}, ExtraSearchPath: []string{benchSchema}})
	if err != nil {
		return nil, fmt.Errorf("load schema: %w", err)
	}
	return &ceiling{cache: cache}, nil
}

// statements are those of one request, in order.
func (c *ceiling) statements(r request) ([]query.Statement, error) {
	raw := apirequest.Raw{Method: r.method, Body: []byte(r.body)}
	raw.Path, raw.RawQuery, _ = strings.Cut(r.target, "?")
	for _, h := range r.headers("127.0.0.1:3000") {
		raw.Header = append(raw.Header, apirequest.Field{Name: strings.ToLower(h[0]), Value: h[1]})
	}
	req, err := apirequest.Parse(raw, apirequest.Options{Schemas: []string{benchSchema}})
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", r.target, err)
	}
	p, err := plan.Build(plan.Options{}, req, c.cache)
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", r.target, err)
	}
	role := c.cache.Role(r.role())
	script := query.Build(query.Options{ExtraSearchPath: []string{benchSchema}, ClaimSettings: true}, query.Caller{
		Role: r.role(), Claims: []byte(r.claims()), Subject: r.subject(), Authenticated: r.as != anon, Settings: role.Settings, Isolation: role.Isolation,
	}, req, p)
	return append([]query.Statement{script.Settings}, script.Main...), nil
}

// script is a pgbench script and the variables that it names.
type script struct {
	text      string
	variables []string // name=value
}

// pipelined sends the statements as the server does: in one write, as one
// implicit transaction.
func pipelined(number int, statements []query.Statement) script {
	var s script
	s.text = "\\startpipeline\n"
	s.add(number, statements)
	s.text += "\\endpipeline\n"
	return s
}

// stepwise sends them as PostgREST does, each waiting for the one before.
func stepwise(number int, statements []query.Statement) script {
	s := script{text: "BEGIN;\n"}
	s.add(number, statements)
	s.text += "COMMIT;\n"
	return s
}

func (s *script) add(number int, statements []query.Statement) {
	for i, statement := range statements {
		prefix := fmt.Sprintf("v%d_%d_", number, i)
		s.text += named(statement.SQL, prefix) + ";\n"
		for j, arg := range statement.Args {
			s.variables = append(s.variables, prefix+strconv.Itoa(j+1)+"="+string(arg.Value))
		}
	}
}

// named replaces $1 by :prefix1, and so on; pgbench turns it back and binds
// the value as text. No case has a dollar sign in a literal or a name.
func named(sql, prefix string) string {
	var out strings.Builder
	for i := range len(sql) {
		if sql[i] == '$' && i+1 < len(sql) && sql[i+1] >= '0' && sql[i+1] <= '9' {
			out.WriteString(":" + prefix)
			continue
		}
		out.WriteByte(sql[i])
	}
	return out.String()
}
