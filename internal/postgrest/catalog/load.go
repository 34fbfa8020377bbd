package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Options choose the schemas, search path and role settings to read.
type Options struct {
	Schemas         []string // exposed, at least one (db-schemas)
	ExtraSearchPath []string // views there are looked through (db-extra-search-path)
	HoistedSettings []string // of functions, to set before a call (db-hoisted-tx-settings)
}

// Connect opens a connection, which its caller closes. It must end in time by
// itself, and its errors are for the log: they must hold no secret. Each
// statement runs once, so that none need be prepared.
type Connect func(context.Context) (*pgx.Conn, error)

// Load reads the schema cache over connections of its own, of the role that serves
// requests: the role's rights to execute and to become are part of the schema cache.
//
// An exposed schema that does not exist is a [SchemasMissingError], as a
// mistyped setting would otherwise show as missing tables. Other errors are the
// driver's, wrapped with the name of the query.
func Load(ctx context.Context, connect Connect, o Options) (*schemacache.Cache, error) {
	snapshot, err := openSnapshot(ctx, connect)
	if err != nil {
		return nil, err
	}
	defer snapshot.close()
	f := schemacache.Facts{Schemas: o.Schemas}
	var group errgroup.Group
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := lanesOfSteps()
	for i, steps := range work[:len(snapshot.txs)] {
		if len(snapshot.txs) == 1 {
			steps = slices.Concat(work[:]...)
		}
		group.Go(func() error {
			err := newReader(snapshot.txs[i]).run(ctx, &f, o, steps)
			if err != nil {
				cancel(err) // the other lane's work is of no use
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, cmp.Or(context.Cause(ctx), err)
	}
	return schemacache.New(f), nil
}

// step reads one kind of facts.
type step func(*reader, context.Context, *schemacache.Facts, Options) error

// lanesOfSteps divides the work over connections: the columns of a large
// catalog cost as much as everything else. Lanes write to different fields.
func lanesOfSteps() [lanes][]step {
	return [lanes][]step{
		{(*reader).checkSchemas, (*reader).relations},
		{
			(*reader).foreignKeys, (*reader).views, (*reader).computedRelationships, (*reader).routines,
			(*reader).representations, (*reader).mediaHandlers, (*reader).roles,
		},
	}
}

func (r *reader) run(ctx context.Context, f *schemacache.Facts, o Options, steps []step) error {
	for _, step := range steps {
		if err := step(r, ctx, f, o); err != nil {
			return err
		}
	}
	return nil
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
