package ddl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/database/migrator/ddl"
)

// known is a catalog with two tables: t, which points to p.
func known() ddl.Catalog {
	part := func(kind, name, references string) ddl.Part {
		return ddl.Part{Kind: kind, Name: name, References: references}
	}
	parts := func(list ...ddl.Part) map[string]ddl.Part {
		m := map[string]ddl.Part{}
		for _, p := range list {
			m[ddl.PartKey(p.Kind, p.Name)] = p
		}
		return m
	}
	return ddl.Catalog{Relations: map[string]*ddl.Relation{
		"public.p": {Name: "public.p", Columns: map[string]ddl.Column{"id": {Type: "uuid", NotNull: true}}, Parts: parts()},
		"public.t": {
			Name: "public.t",
			Columns: map[string]ddl.Column{
				"id": {Type: "uuid", NotNull: true}, "n": {Type: "numeric(10,4)"}, "v": {Type: "character varying(20)"},
			},
			Parts: parts(part("index", "t_i", ""), part("constraint", "t_c", ""), part("constraint", "t_p_fkey", "public.p"),
				part("policy", "see", ""), part("trigger", "tr", "")),
		},
	}}
}

// line writes effects down: "t SHARE scans maybe; u ...".
func line(r ddl.Reading) string {
	var list []string
	for _, e := range r.Effects {
		words := []string{e.Relation, e.Lock.String()}
		if e.New {
			words = append(words, "new")
		}
		if e.Rewrites {
			words = append(words, "rewrites")
		}
		if e.Scans {
			words = append(words, "scans")
		}
		if e.Maybe {
			words = append(words, "maybe")
		}
		list = append(list, strings.Join(words, " "))
	}
	if r.Unknown {
		list = append(list, "unknown")
	}
	return strings.Join(list, "; ")
}

func TestRead(t *testing.T) {
	t.Parallel()
	const exclusive = "public.t ACCESS EXCLUSIVE"
	for _, tt := range []struct{ in, want string }{
		{"CREATE TABLE IF NOT EXISTS public.t (id int REFERENCES public.p)", ""},
		{"CREATE UNLOGGED TABLE IF NOT EXISTS s.t (id int REFERENCES public.p)", "public.p SHARE ROW EXCLUSIVE"},
		{"CREATE TABLE u (id int, p uuid REFERENCES public.p(id), CHECK (id > 0))", "public.p SHARE ROW EXCLUSIVE"},
		{"ALTER TABLE public.u ADD COLUMN x int", ""},
		{"ALTER TABLE public.t ADD COLUMN IF NOT EXISTS id uuid DEFAULT gen_random_uuid()", exclusive},
		{"ALTER TABLE public.t ADD COLUMN x uuid DEFAULT gen_random_uuid()", exclusive + " rewrites"},
		{"ALTER TABLE public.t ADD x timestamptz NOT NULL DEFAULT now(), ADD y text[] DEFAULT '{}'", exclusive},
		{"ALTER TABLE public.t ADD COLUMN x int NOT NULL", exclusive + " scans"},
		{"ALTER TABLE public.t ADD COLUMN x uuid REFERENCES public.p", "public.p SHARE ROW EXCLUSIVE; " + exclusive + " scans"},
		{"ALTER TABLE ONLY public.t ADD COLUMN x int GENERATED ALWAYS AS (1) STORED", exclusive + " rewrites"},
		{"ALTER TABLE public.t ADD CONSTRAINT c CHECK (n > 0)", exclusive + " scans"},
		{"ALTER TABLE public.t ADD CONSTRAINT c CHECK (n > 0) NOT VALID", exclusive},
		{"ALTER TABLE public.t ADD FOREIGN KEY (id) REFERENCES public.p", "public.p SHARE ROW EXCLUSIVE; public.t SHARE ROW EXCLUSIVE scans"},
		{"ALTER TABLE public.t VALIDATE CONSTRAINT t_p_fkey", "public.p ROW SHARE scans; public.t SHARE UPDATE EXCLUSIVE scans"},
		{"ALTER TABLE public.t DROP CONSTRAINT IF EXISTS t_p_fkey", "public.p ACCESS EXCLUSIVE; " + exclusive},
		{"ALTER TABLE public.t ALTER n TYPE numeric(20,4)", exclusive},
		{"ALTER TABLE public.t ALTER n TYPE numeric(20,2)", exclusive + " rewrites"},
		{"ALTER TABLE public.t ALTER COLUMN n TYPE numeric", exclusive},
		{"ALTER TABLE public.t ALTER COLUMN v TYPE text", exclusive},
		{"ALTER TABLE public.t ALTER COLUMN v SET DATA TYPE varchar(10)", exclusive + " rewrites"},
		{"ALTER TABLE public.t ALTER COLUMN id SET NOT NULL", exclusive},
		{"ALTER TABLE public.t ALTER COLUMN n SET NOT NULL, ALTER COLUMN n SET DEFAULT 0", exclusive + " scans"},
		{"ALTER TABLE public.t ALTER n SET STATISTICS 10", "public.t SHARE UPDATE EXCLUSIVE"},
		{"ALTER TABLE public.t DISABLE TRIGGER USER", "public.t SHARE ROW EXCLUSIVE"},
		{"ALTER TABLE public.t ENABLE ALWAYS TRIGGER tr", "public.t SHARE ROW EXCLUSIVE"},
		{"ALTER TABLE public.t ENABLE REPLICA TRIGGER tr, ENABLE TRIGGER USER", "public.t SHARE ROW EXCLUSIVE"},
		{"ALTER TABLE public.t ENABLE ROW LEVEL SECURITY", exclusive},
		{`CREATE POLICY "see all" ON public.t FOR SELECT USING (id IN (SELECT id FROM public.p))`, "public.p ACCESS SHARE; " + exclusive},
		{`DROP POLICY IF EXISTS see ON public.t`, exclusive},
		{`DROP POLICY IF EXISTS other ON public.t`, ""},
		{"CREATE TRIGGER x BEFORE INSERT OR UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()", "public.t SHARE ROW EXCLUSIVE"},
		{"DROP TRIGGER tr ON public.t", exclusive},
		{"CREATE UNIQUE INDEX IF NOT EXISTS i ON public.t (n)", "public.t SHARE scans"},
		{"CREATE INDEX IF NOT EXISTS t_i ON public.t (n)", "public.t SHARE"},
		{"CREATE INDEX CONCURRENTLY i ON public.t (n)", "public.t SHARE UPDATE EXCLUSIVE scans"},
		{"DROP INDEX IF EXISTS public.t_i, public.none", exclusive},
		{"DROP TABLE IF EXISTS public.t", "public.p ACCESS EXCLUSIVE; " + exclusive},
		{"UPDATE public.t SET n = (SELECT 1 FROM public.p)", "public.p ACCESS SHARE scans; public.t ROW EXCLUSIVE scans"},
		{"INSERT INTO public.t (id) SELECT id FROM public.p", "public.p ROW SHARE scans; public.t ROW EXCLUSIVE"},
		{"WITH x AS (DELETE FROM public.t RETURNING id) SELECT * FROM x", "public.t ROW EXCLUSIVE scans"},
		{"TRUNCATE TABLE public.t, public.p", "public.p ACCESS EXCLUSIVE; " + exclusive},
		{"LOCK TABLE public.t IN SHARE ROW EXCLUSIVE MODE", "public.t SHARE ROW EXCLUSIVE"},
		{"COMMENT ON COLUMN public.t.n IS 'public.p'", "public.t SHARE UPDATE EXCLUSIVE"},
		{"GRANT ALL ON public.t TO service_role", ""},
		{"ALTER PUBLICATION live ADD TABLE ONLY public.t, public.p", "public.p SHARE UPDATE EXCLUSIVE; public.t SHARE UPDATE EXCLUSIVE"},
		{"ALTER PUBLICATION live SET TABLE public.t", "unknown"},
		{"DO $$ BEGIN IF true THEN ALTER PUBLICATION live ADD TABLE public.t; END IF; END $$", "public.t SHARE UPDATE EXCLUSIVE scans maybe"},
		{"SELECT romashka.ensure_constraint('public.t', 't_c', 'CHECK (n > 0)')", ""},
		{"SELECT romashka.ensure_constraint('public.t', 'k', 'FOREIGN KEY (id) REFERENCES public.p(id)')",
			"public.p SHARE ROW EXCLUSIVE scans; public.t SHARE ROW EXCLUSIVE scans"},
		{"SELECT romashka.ensure_not_null('public.t', 'n')", exclusive + " scans"},
		{"SELECT romashka.ensure_not_null('public.t', 'id')", ""},
		{"DO $$ BEGIN IF EXISTS (SELECT FROM public.p) THEN ALTER TABLE public.t ADD PRIMARY KEY (id); END IF; END $$",
			"public.p ACCESS SHARE scans maybe; " + exclusive + " scans maybe"},
		{"DO $$ BEGIN EXECUTE format('ALTER TABLE public.t DROP CONSTRAINT %I', x); END $$", exclusive + " scans maybe"},
		{"CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 FROM public.t $$", ""},
		{"CREATE FUNCTION public.f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN n END FROM public.t; END", "public.t ACCESS SHARE"},
		{"CREATE OR REPLACE PROCEDURE public.f() BEGIN ATOMIC SELECT 1; DELETE FROM public.t WHERE id IN (SELECT id FROM public.p); END",
			"public.p ACCESS SHARE; public.t ROW EXCLUSIVE"},
		{"CLUSTER public.t", "unknown"},
		{"CREATE INDEX ON public.t (n)", "unknown"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, line(known().Read(ddl.Split(tt.in)[0]))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An object that one statement has made is known to the next.
func TestReadInOrder(t *testing.T) {
	t.Parallel()
	c := known().Clone()
	var got []string
	for i, s := range ddl.Split(`
		CREATE TABLE public.u (id uuid PRIMARY KEY);
		ALTER TABLE public.u ADD COLUMN x uuid DEFAULT gen_random_uuid();
		ALTER TABLE public.t ADD COLUMN m int NOT NULL DEFAULT 1;
		ALTER TABLE public.t ALTER COLUMN m SET NOT NULL;
		CREATE INDEX i ON public.t (m);
		DROP INDEX i;
		DROP INDEX i;`) {
		got = append(got, fmt.Sprintf("%d %s", i, line(c.Read(s))))
	}
	want := []string{
		"0 ",
		"1 public.u ACCESS EXCLUSIVE new rewrites",
		"2 public.t ACCESS EXCLUSIVE",
		"3 public.t ACCESS EXCLUSIVE",
		"4 public.t SHARE scans",
		"5 public.t ACCESS EXCLUSIVE",
		"6 ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if known().Relations["public.u"] != nil {
		t.Error("a clone is not one")
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	for lock, want := range map[ddl.Lock]string{
		ddl.AccessExclusive: "reads and writes", ddl.Share: "writes", ddl.ShareUpdateExclusive: "schema changes and vacuum", ddl.RowExclusive: "nobody",
	} {
		if got := lock.Blocks(); got != want {
			t.Errorf("%s blocks %s, want %s", lock, got, want)
		}
	}
	if got := ddl.Lock(99).String(); got != "Lock(99)" {
		t.Error(got)
	}
}
