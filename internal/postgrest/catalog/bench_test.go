package catalog_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// large makes 10,000 tables with 20,000 foreign keys, one table in ten being a
// junction and every fourth key leading to the same table; 2,000 functions;
// 500 views. It commits now and then: locks are counted per transaction.
const large = `
DO $$ BEGIN
	FOR i IN 0..9999 LOOP
		EXECUTE format(CASE WHEN i % 10 = 9
			THEN 'CREATE TABLE api.entity_%s (a bigint, b bigint, note text, created_at timestamptz DEFAULT now(), PRIMARY KEY (a, b))'
			ELSE 'CREATE TABLE api.entity_%s (id bigint PRIMARY KEY, name varchar(80) NOT NULL DEFAULT ''x'', note text,
				amount numeric(12,2), created_at timestamptz DEFAULT now(), a bigint, b bigint)' END, i);
		IF i % 500 = 499 THEN COMMIT; END IF;
	END LOOP;
	FOR i IN 0..9999 LOOP
		EXECUTE format('ALTER TABLE api.entity_%1$s
			ADD CONSTRAINT entity_%1$s_a_fkey FOREIGN KEY (a) REFERENCES api.entity_%2$s,
			ADD CONSTRAINT entity_%1$s_b_fkey FOREIGN KEY (b) REFERENCES api.entity_%3$s',
			i, i / 10 * 7 % 1000 * 10 + i % 9, CASE WHEN i % 4 = 0 THEN 0 ELSE i * 13 % 1000 * 10 + 3 END);
		IF i % 200 = 199 THEN COMMIT; END IF;
	END LOOP;
	FOR i IN 0..1999 LOOP
		EXECUTE format(CASE WHEN i % 2 = 0 OR i % 10 = 9
			THEN 'CREATE FUNCTION api.routine_%s(p_id bigint, p_name text, p_flag boolean DEFAULT true) RETURNS bigint LANGUAGE sql STABLE AS ''SELECT 1::bigint'''
			ELSE 'CREATE FUNCTION api.routine_%s(p_id bigint) RETURNS SETOF api.entity_%1$s LANGUAGE sql STABLE AS ''SELECT e FROM api.entity_%1$s e''' END, i);
		IF i % 200 = 199 THEN COMMIT; END IF;
	END LOOP;
	FOR i IN 0..499 LOOP
		EXECUTE format('CREATE VIEW api.view_%s AS SELECT e.*, p.name AS parent_name, p.id AS parent_id
			FROM api.entity_%s e JOIN api.entity_%s p ON p.id = e.a', i, i * 10, i * 10 + 1);
		IF i % 200 = 199 THEN COMMIT; END IF;
	END LOOP;
END $$`

// BenchmarkLoadLarge loads a large catalog; "all" derives the relationships of
// every table as well, as a cache that keeps them per relationship must.
// MB/cache is the cache's size on the heap.
func BenchmarkLoadLarge(b *testing.B) {
	url := database(b, "")
	exec(b, url, large)
	exec(b, url, "ANALYZE")
	for _, bb := range []struct {
		name string
		use  func(*schemacache.Cache)
	}{
		{name: "lazy", use: func(*schemacache.Cache) {}},
		{name: "all", use: deriveAll},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			before := heap()
			var c *schemacache.Cache
			for b.Loop() {
				var err error
				if c, err = catalog.Load(context.Background(), pgtest.Connector(url), catalog.Options{Schemas: []string{"api"}}); err != nil {
					b.Fatal(err)
				}
				bb.use(c)
			}
			b.ReportMetric(float64(heap()-before)/1e6, "MB/cache")
			runtime.KeepAlive(c)
		})
	}
}

func deriveAll(c *schemacache.Cache) {
	for t := range c.Tables("api") {
		c.Relationships(ident.Qualified{Schema: "api", Name: t.Name.Name}, "api")
	}
}

// heap returns the heap in use after a collection, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
