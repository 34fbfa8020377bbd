package catalog

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Options say what to read.
type Options struct {
	Schemas         []string // exposed, at least one (db-schemas)
	ExtraSearchPath []string // views there are looked through (db-extra-search-path)
	HoistedSettings []string // of functions, to set before a call (db-hoisted-tx-settings)
}

// Load reads the picture in one read-only transaction of conn.
//
// An exposed schema that does not exist is an error, as it is for PostgREST: a
// mistyped setting would otherwise show as missing tables. Errors are those of
// the driver, wrapped with what was being read.
func Load(ctx context.Context, conn *pgx.Conn, o Options) (*schemacache.Cache, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // nothing was written
	// With an empty search path the server qualifies every type and function it names.
	if _, err := tx.Exec(ctx, "SET LOCAL search_path = ''"); err != nil {
		return nil, fmt.Errorf("empty the search path: %w", err)
	}
	facts, err := newReader(tx).facts(ctx, o)
	if err != nil {
		return nil, err
	}
	return schemacache.New(facts), nil
}

// facts reads all that schemacache.New needs.
func (r *reader) facts(ctx context.Context, o Options) (schemacache.Facts, error) {
	f := schemacache.Facts{Schemas: o.Schemas}
	steps := []func(context.Context, *schemacache.Facts, Options) error{
		r.checkSchemas,
		r.serverVersion,
		r.relations,
		r.foreignKeys,
		r.views,
		r.computedRelationships,
		r.routines,
		r.representations,
		r.mediaHandlers,
		r.roles,
	}
	for _, step := range steps {
		if err := step(ctx, &f, o); err != nil {
			return schemacache.Facts{}, err
		}
	}
	return f, nil
}

// SchemasMissingError names exposed schemas that the database does not have.
type SchemasMissingError struct {
	Names []string
}

func (e *SchemasMissingError) Error() string {
	return "exposed schemas do not exist: " + strings.Join(e.Names, ", ")
}

func (r *reader) checkSchemas(ctx context.Context, _ *schemacache.Facts, o Options) error {
	var missing []string
	err := r.each(ctx, "missing_schemas", func(row row) {
		missing = append(missing, row.text(0))
	}, o.Schemas)
	if err == nil && len(missing) > 0 {
		return &SchemasMissingError{Names: missing}
	}
	return err
}

func (r *reader) serverVersion(_ context.Context, f *schemacache.Facts, _ Options) error {
	// "15.4 (Debian 15.4-1)" or "17beta1"; no round trip is needed for it.
	text := r.tx.Conn().PgConn().ParameterStatus("server_version")
	f.ServerVersion = parseVersion(text)
	return nil
}

// parseVersion turns "15.4 (Debian)" into 150004 and "17beta1" into 170000.
func parseVersion(text string) int {
	major, rest := leadingNumber(text)
	minor := 0
	if strings.HasPrefix(rest, ".") {
		minor, _ = leadingNumber(rest[1:])
	}
	return major*10000 + minor
}

func leadingNumber(text string) (n int, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	n, _ = strconv.Atoi(text[:end]) // no digits: 0
	return n, text[end:]
}
