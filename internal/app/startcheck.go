package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// loadFailed ends the App where the first load failed for good: no wait brings a
// schema whose name is misspelt.
func (a *App) loadFailed(err error) {
	if a.reloader.Cache() != nil {
		return
	}
	if missing, ok := errors.AsType[*catalog.SchemasMissingError](err); ok {
		a.fail(fmt.Errorf("db-schemas (PGRST_DB_SCHEMAS): the database has no schema %s", strings.Join(missing.Names, ", ")))
	} else if refused := refusedParameter(err); refused != nil {
		a.fail(refused)
	}
}

// checkAnonRole ends the App, beside Supabase, where requests without a token could
// not run. PostgREST starts all the same, and answers each of them with the error.
func (a *App) checkAnonRole(ctx context.Context, cfg config.Config) error {
	if cfg.DB.AnonRole == "" || !cfg.SupabaseMode() {
		return nil
	}
	tx, err := a.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) // nothing was written
	_, err = tx.Exec(ctx, "SET LOCAL ROLE "+ident.Quote(cfg.DB.AnonRole))
	refusal, refused := errors.AsType[*pgconn.PgError](err)
	if !refused {
		return err
	}
	login := a.pool.Config().ConnConfig.User
	switch refusal.Code {
	case pgerrcode.InvalidParameterValue:
		err = fmt.Errorf("db-anon-role (PGRST_DB_ANON_ROLE): the database has no role %q", cfg.DB.AnonRole)
	case pgerrcode.InsufficientPrivilege:
		err = fmt.Errorf("db-anon-role (PGRST_DB_ANON_ROLE): %s may not become %s; as an owner: GRANT %s TO %s",
			login, cfg.DB.AnonRole, ident.Quote(cfg.DB.AnonRole), ident.Quote(login))
	default:
		return err
	}
	a.fail(err)
	return err
}

// loaded ends the App where the first schema cache lacks a name that ROMASHKA_SERVE
// has: its requests would go to the project in silence, or be 404.
func (a *App) loaded(cache *schemacache.Cache) {
	a.replicas.loaded()
	if a.served.Swap(true) {
		return
	}
	for _, word := range a.settings.Load().Gateway.Serve {
		word = strings.TrimPrefix(strings.TrimSpace(word), "/")
		if word == "all" || word == "migrations" || known(cache, word) {
			continue
		}
		a.fail(fmt.Errorf("romashka-serve (ROMASHKA_SERVE): there is no %s in %s%s", word, strings.Join(cache.Schemas(), ", "), near(cache, word)))
		return
	}
}

// known reports whether a relation, or a function as rpc/name, is in an exposed schema.
func known(cache *schemacache.Cache, word string) bool {
	function, isCall := strings.CutPrefix(word, "rpc/")
	for _, schema := range cache.Schemas() {
		_, isTable := cache.Table(ident.Qualified{Schema: schema, Name: word})
		if isTable || isCall && len(cache.Routines(ident.Qualified{Schema: schema, Name: function})) > 0 {
			return true
		}
	}
	return false
}

// near is a hint at the name that was meant; "" without one.
func near(cache *schemacache.Cache, word string) string {
	function, isCall := strings.CutPrefix(word, "rpc/")
	for _, schema := range cache.Schemas() {
		name := cache.NearTable(schema, word)
		if isCall {
			name = cache.NearRoutine(schema, function)
		}
		if name != "" {
			return "; perhaps " + name
		}
	}
	return ""
}
