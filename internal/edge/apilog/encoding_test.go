package apilog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/edge/apilog"
)

// In a database of another encoding rows hold the client's text; characters that
// the encoding lacks are spelled, and no row is lost by it.
func TestEncodings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ encoding, word, lacks, spelled string }{
		{"LATIN1", "Forlì", "5 € \\\t\"", "5 <U+20AC> \\\t\""},
		{"EUC_JP", "大阪", "ก😀", "<U+0E01><U+1F600>"},
		{"WIN1251", "Москва", "Forlì", "Forl<U+00EC>"},
		{"SQL_ASCII", "Forlì", "€ก", "€ก"},
		{"UTF8", "Forlì", "€ก", "€ก"},
	} {
		t.Run(tt.encoding, func(t *testing.T) {
			t.Parallel()
			url := pgtest.As(t, pgtest.DressedIn(t, tt.encoding), "supabase_admin")
			migrate(t, url)
			database := pgtest.Conn(t, url)
			exec(t, database, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET client_encoding = ''SQL_ASCII''', current_database()); END $$")
			w, _ := start(t, apilog.Options{URL: url})
			for _, text := range []string{tt.word, tt.lacks, "plain", tt.word} {
				w.Record(&apilog.Entry{Endpoint: "/" + text, Request: apilog.Headers{UserAgent: text}})
			}
			w.Stop()
			if s := w.Stats(); s.Written != 4 || s.Dropped != 0 {
				t.Errorf("%+v", s)
			}
			reader := pgtest.Conn(t, url+"&client_encoding=UTF8")
			got := lines(t, reader, "SELECT endpoint FROM public.api_security_logs WHERE endpoint = '/' || (request_headers ->> 'user-agent') ORDER BY id")
			if diff := cmp.Diff([]string{"/" + tt.word, "/" + tt.spelled, "/plain", "/" + tt.word}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Over poolers of each mode rows arrive, also where all share one session.
func TestOverPoolers(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	for _, mode := range []string{"session", "transaction", "statement"} {
		w, log := start(t, apilog.Options{URL: pgtest.PoolerIn(t, mode, url, 1)})
		for range 3 {
			w.Record(&apilog.Entry{Endpoint: "/" + mode, Subject: ada})
		}
		w.Stop()
		if s := w.Stats(); s.Written != 3 || s.Dropped != 0 {
			t.Errorf("%s: %+v\n%s", mode, s, log)
		}
	}
}
